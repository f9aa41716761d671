"""The real servers that Livret starts by itself: PostgreSQL, and Apache Kafka when asked.

Both come from the Python registry, run as children of the process that asks, and never outlive it
(on Linux: whatever ends that process). What is installed on the machine is neither needed nor touched.
"""
