"""What the weather cannot answer."""

from chassis.refusals import Refusal


class WeatherNotTold(Refusal):
    slug = "weather-not-told"
    status = 503
    clause = "6-g"
    sentence = "The weather has never been told yet; the workers tell it within seconds of their start."
