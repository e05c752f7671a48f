"""What organisms learn from: images, what stands in their patches, and questions as tokens."""
