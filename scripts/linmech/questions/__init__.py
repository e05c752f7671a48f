"""What is asked: texts, answers, and where each word stands among a prompt's tokens."""
