"""All SQL of metering: facts written in sets, the month counted from them."""
