"""The weather as others read it (6-g): pages, a calendar and a feed of one state, their export, their server.

Everything is drawn from one `WeatherShown`, which needs neither a database nor a bus to be read.
"""
