"""The envelope survives both modes, and what it cannot be is said with a reason."""

from dataclasses import replace

import pytest
from hypothesis import given

from contracts.envelope import (
    STRUCTURED_TYPE,
    Envelope,
    UnreadableRecord,
    from_record,
    to_headers,
    to_structured,
)
from tests.contracts.samples import AT, an_envelope, envelopes

STRUCTURED = [("content-type", STRUCTURED_TYPE.encode())]


@given(envelopes)
def test_binary_mode_gives_back_what_was_sent(envelope: Envelope) -> None:
    assert from_record(to_headers(envelope), envelope.key.encode(), envelope.data) == envelope


@given(envelopes)
def test_structured_mode_gives_back_what_was_sent(envelope: Envelope) -> None:
    read = from_record(STRUCTURED, envelope.key.encode(), to_structured(envelope))
    assert read == replace(envelope, data=read.data)
    assert read.data == b'{"name":"Caf\xc3\xa9 \\\\u0000 de la Gare","n":[1,2.5,null]}'


def test_the_producer_is_the_last_part_of_the_source() -> None:
    assert an_envelope().producer == "tenancy"


def test_a_record_without_a_key_is_ordered_by_its_partitionkey() -> None:
    envelope = an_envelope()
    assert from_record(to_headers(envelope), None, envelope.data) == envelope


def test_a_record_without_a_partitionkey_is_ordered_by_its_key() -> None:
    envelope = an_envelope()
    headers = [header for header in to_headers(envelope) if header[0] != "ce_partitionkey"]
    assert from_record(headers, envelope.key.encode(), envelope.data) == envelope


def test_an_offset_is_brought_to_utc() -> None:
    headers = [h for h in to_headers(an_envelope()) if h[0] != "ce_time"]
    headers.append(("ce_time", b"2026-03-27T16:00:00.123456+01:00"))
    read = from_record(headers, None, an_envelope().data)
    assert (read.time, read.time.utcoffset()) == (AT, AT.utcoffset())


def test_a_malformed_traceparent_costs_the_trace_and_not_the_event() -> None:
    headers = to_headers(replace(an_envelope(), traceparent="00-zz-zz-01"))
    assert from_record(headers, None, an_envelope().data) == an_envelope(traceparent=None)


def test_header_names_are_read_in_any_case() -> None:
    headers = [(name.upper(), value) for name, value in to_headers(an_envelope())]
    assert from_record(headers, None, an_envelope().data) == an_envelope()


def test_unknown_extension_attributes_are_ignored() -> None:
    headers = [*to_headers(an_envelope()), ("ce_tracestate", b"a=b"), ("other", b"x")]
    assert from_record(headers, None, an_envelope().data) == an_envelope()


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("ce_specversion", b"0.3", "specversion '0.3' is not '1.0'"),
        ("ce_specversion", None, "specversion None is not '1.0'"),
        ("ce_id", b"42", "id '42' is not a UUID"),
        ("ce_id", None, "id is missing"),
        ("ce_type", None, "type is missing"),
        ("ce_type", b"two words", "type 'two words' is not of the form"),
        ("ce_source", b"/elsewhere", "source '/elsewhere' is not of the form"),
        ("ce_time", b"yesterday", "time 'yesterday' is not an RFC 3339 instant"),
        ("ce_time", b"2026-03-27T16:00:00", "has no offset"),
        ("ce_time", b"0001-01-01T00:00:00+14:00", "is not an RFC 3339 instant"),
        ("ce_time", None, "time is missing"),
        ("ce_partitionkey", None, "partitionkey is missing"),
        ("ce_partitionkey", b"a\x00b", "partitionkey is longer than 500 or holds a control character"),
        ("ce_partitionkey", b"k" * 501, "partitionkey is longer than 500 or holds a control character"),
        ("ce_subject", b"a\nb", "subject is longer than 500 or holds a control character"),
        ("ce_type", b"\xff\xfe", "ce_type is not UTF-8"),
        ("content-type", b"text/plain", "content type 'text/plain' is not application/json"),
        ("content-type", b"application/cloudevents-batch+json", "is not application/cloudevents+json"),
    ],
)
def test_a_bad_attribute_is_named(header: str, value: bytes | None, reason: str) -> None:
    headers = [pair for pair in to_headers(an_envelope()) if pair[0] != header]
    if value is not None:
        headers.append((header, value))
    with pytest.raises(UnreadableRecord) as refused:
        from_record(headers, None, an_envelope().data)
    assert reason in refused.value.reason


def test_two_keys_that_differ_are_refused() -> None:
    with pytest.raises(UnreadableRecord, match="is not the record's key"):
        from_record(to_headers(an_envelope()), b"another", an_envelope().data)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "the record has no value"),
        (b"", "the value is not JSON"),
        (b"\xff", "the value is not JSON"),
        (b"[1]", "the data is not a JSON object"),
        (b'{"name": "a\\u0000b"}', "the data holds a NUL character"),
        (b'{"deep": [{"a\\u0000": 1}]}', "the data holds a NUL character"),
        (b'{"deep":' + b"[" * 1000 + b'"\\u0000"' + b"]" * 1000 + b"}", "the data holds a NUL character"),
    ],
)
def test_data_that_could_not_be_kept_is_refused(value: bytes | None, reason: str) -> None:
    with pytest.raises(UnreadableRecord) as refused:
        from_record(to_headers(an_envelope()), None, value)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", "the value is not JSON"),
        (b"[]", "a structured event is a JSON object"),
        (b'{"specversion": "1.0"}', "the data is not a JSON object"),
        (b'{"specversion": "1.0", "data_base64": "*"}', "data_base64 is not base64"),
        (b'{"specversion": "1.0", "data": {}, "id": 5}', "id is missing"),
    ],
)
def test_a_bad_structured_event_is_refused(value: bytes, reason: str) -> None:
    with pytest.raises(UnreadableRecord) as refused:
        from_record(STRUCTURED, None, value)
    assert reason in refused.value.reason
