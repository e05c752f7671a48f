"""What the built-in objects are called; nothing is imported, so that a plan knows them at once."""

NATURE = "apple banana carrot mushroom cactus tree pineapple ice_cream sunflower penguin"
TOYS = "snowman teddy_bear rubber_duck piggy_bank star lollipop robot drum beach_ball birthday_cake"
INDOORS = """cup chair table lamp hat book bottle clock umbrella guitar key wine_glass frying_pan watering_can
treasure_chest camera candle"""
OUTDOORS = """car house rocket boat traffic_light fire_hydrant stop_sign hot_air_balloon traffic_cone windmill
mailbox anchor"""
NOUNS = tuple(name.replace("_", " ") for names in (NATURE, TOYS, INDOORS, OUTDOORS) for name in names.split())
