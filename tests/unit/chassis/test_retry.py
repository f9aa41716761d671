"""Back-off: bounded, doubling, jittered over its whole length."""

from chassis.retry import FIRST_SECONDS, LONGEST_SECONDS, MAX_ATTEMPTS, delay_seconds, is_exhausted


def test_delays_double_up_to_a_bound_and_use_all_of_it() -> None:
    for attempts in range(1, 40):
        bound = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (attempts - 1))
        delays = [delay_seconds(attempts) for _ in range(300)]
        assert 0 <= min(delays) < bound * 0.2
        assert bound * 0.8 < max(delays) <= bound


def test_the_last_attempt_is_the_last() -> None:
    assert not is_exhausted(MAX_ATTEMPTS - 1)
    assert is_exhausted(MAX_ATTEMPTS)
