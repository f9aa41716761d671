"""The CNCF's own package reads what we write and writes what we read, in both modes."""

import json
from dataclasses import replace

from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from contracts.envelope import STRUCTURED_TYPE, Envelope, from_record, to_headers, to_structured
from contracts.events import decode
from tests.contracts.samples import COMPANY, an_envelope, an_event


def _agrees(foreign: object, envelope: Envelope) -> None:
    assert isinstance(foreign, CloudEvent)
    assert foreign.get_specversion() == "1.0"
    assert foreign.get_id() == str(envelope.id)
    assert foreign.get_type() == envelope.type
    assert foreign.get_source() == envelope.source
    assert foreign.get_subject() == envelope.subject
    assert foreign.get_time() == envelope.time
    assert foreign.get_datacontenttype() == "application/json"
    assert foreign.get_extension("partitionkey") == envelope.key
    assert foreign.get_extension("traceparent") == envelope.traceparent
    assert foreign.get_data() == json.loads(envelope.data)


def _foreign() -> CloudEvent:
    envelope = an_envelope()
    attributes = {
        "id": str(envelope.id),
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.subject,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "partitionkey": envelope.key,
        "traceparent": envelope.traceparent,
    }
    return CloudEvent(attributes, json.loads(envelope.data))


def _read(message: kafka.KafkaMessage) -> Envelope:
    return from_record(list(message.headers.items()), message.key, message.value)


def test_a_foreign_reader_understands_our_binary_mode() -> None:
    envelope = an_envelope()
    message = kafka.KafkaMessage(dict(to_headers(envelope)), envelope.key.encode(), envelope.data)
    _agrees(kafka.from_kafka(message, JSONFormat()), envelope)


def test_a_foreign_reader_understands_our_structured_mode() -> None:
    envelope = an_envelope()
    headers = {"content-type": STRUCTURED_TYPE.encode()}
    message = kafka.KafkaMessage(headers, envelope.key.encode(), to_structured(envelope))
    _agrees(kafka.from_kafka(message, JSONFormat()), envelope)


def test_we_understand_a_foreign_binary_record() -> None:
    read = _read(kafka.to_binary(_foreign(), JSONFormat()))
    assert read == replace(an_envelope(), data=read.data)
    assert decode(read.type, read.data) == an_event()


def test_we_understand_a_foreign_structured_record() -> None:
    read = _read(kafka.to_structured(_foreign(), JSONFormat()))
    assert read == replace(an_envelope(), data=read.data)
    assert decode(read.type, read.data) == an_event()


def test_we_understand_foreign_data_sent_as_base64() -> None:
    foreign = CloudEvent(_foreign().get_attributes(), an_envelope().data)
    message = kafka.to_structured(foreign, JSONFormat())
    assert b"data_base64" in message.value
    assert _read(message) == an_envelope()


def test_foreign_fields_that_this_version_does_not_know_are_ignored() -> None:
    later = _foreign()
    later.get_data()["added_in_a_later_release"] = {"deep": True}  # type: ignore[index]
    read = _read(kafka.to_binary(later, JSONFormat()))
    assert decode(read.type, read.data) == an_event()
    assert read.key == str(COMPANY)
