"""What is sealed opens under any of the keys, is sealed under the first, and shows nothing."""

from pathlib import Path

import pytest

from chassis.sealing import CannotUnseal, Sealer, SealingKeysMissing, keys_in, new_key

OLD, NEW = new_key(), new_key()


def test_a_sealed_secret_opens_and_does_not_show() -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert sealer.opened(sealed) == "JBSWY3DPEHPK3PXP"
    assert sealer.seal("JBSWY3DPEHPK3PXP") != sealed


def test_a_key_is_replaced_by_one_before_it() -> None:
    sealed = Sealer([OLD]).seal("secret")
    both = Sealer.of(f"{NEW}, {OLD}")
    assert (both.opened(sealed), both.is_current(sealed)) == ("secret", False)
    again = both.resealed(sealed)
    assert both.is_current(again)
    assert Sealer([NEW]).opened(again) == "secret"


def test_what_was_stored_plain_is_sealed() -> None:
    sealer = Sealer([NEW])
    assert not sealer.is_current("-----BEGIN PRIVATE KEY-----")
    assert sealer.opened(sealer.resealed("-----BEGIN PRIVATE KEY-----")) == "-----BEGIN PRIVATE KEY-----"


def test_another_key_an_altered_text_and_a_plain_one_do_not_open() -> None:
    sealed = Sealer([OLD]).seal("secret")
    for stored in (sealed, sealed[:-5] + "AAAA=", "secret", "sealed:", "sealed:\u00e9"):
        with pytest.raises(CannotUnseal):
            Sealer([NEW]).opened(stored)


@pytest.mark.parametrize("written", ["", " , ", "short", "x" * 44])
def test_without_a_key_it_says_what_to_do(written: str) -> None:
    with pytest.raises(SealingKeysMissing, match="LIVRET_SEALING_KEYS"):
        Sealer.of(written)


def test_the_first_key_of_a_directory_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "sealing.keys"
    made = keys_in(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_in(file) == made
    file.write_text(f"{NEW}\n{made}\n")
    assert keys_in(file) == f"{NEW},{made}"
    assert Sealer.of(keys_in(file)).is_current(Sealer([NEW]).seal("x"))
