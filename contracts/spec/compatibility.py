"""Whether an event's schema still keeps what its released form promised.

A released version may gain optional properties that have a default; whatever else differs, a longer
maximum or a new enum value included, is a new version: the old consumers were never told of it.
"""

from collections.abc import Iterator

from contracts.spec.schemas import JsonObject

_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "$ref", "title", "description", "examples"})
_STRUCTURE = frozenset({"properties", "required", "items", "anyOf", "oneOf", "allOf"})


def violations(released: JsonObject, current: JsonObject) -> list[str]:
    """Each broken promise as a sentence that begins with the place; empty when the law is kept."""
    return list(_Comparison(released, current).of(released, current, ""))


class _Comparison:
    """Two documents, whose `$ref`s each resolve in their own `$defs`."""

    def __init__(self, released: JsonObject, current: JsonObject) -> None:
        self._released = released.get("$defs", {})
        self._current = current.get("$defs", {})

    def of(self, released: JsonObject, current: JsonObject, place: str) -> Iterator[str]:
        """The differences at `place` and below it."""
        old, new = _resolve(released, self._released), _resolve(current, self._current)
        if _facets(old) != _facets(new):
            yield f"{place or '/'}: {_facets(old)} became {_facets(new)}"
        yield from self._properties(old, new, place)
        yield from self._items(old, new, place)
        yield from self._alternatives(old, new, place)

    def _properties(self, old: JsonObject, new: JsonObject, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() - after.keys()):
            yield f"{place}/{name}: was removed"
        for name in sorted(after.keys() - before.keys()):
            if name in must_after:
                yield f"{place}/{name}: was added and is required"
            elif "default" not in after[name]:
                yield f"{place}/{name}: was added without a default"
        for name in sorted(before.keys() & after.keys()):
            if (name in must_before) != (name in must_after):
                yield f"{place}/{name}: was {'required' if name in must_before else 'optional'}, no longer is"
            yield from self.of(before[name], after[name], f"{place}/{name}")

    def _items(self, old: JsonObject, new: JsonObject, place: str) -> Iterator[str]:
        if ("items" in old) != ("items" in new):
            yield f"{place}/items: were {'given' if 'items' in old else 'free'}, no longer are"
        elif "items" in old:
            yield from self.of(old["items"], new["items"], f"{place}/items")

    def _alternatives(self, old: JsonObject, new: JsonObject, place: str) -> Iterator[str]:
        for word in ("anyOf", "oneOf", "allOf"):
            before, after = old.get(word, []), new.get(word, [])
            if len(before) != len(after):
                yield f"{place}/{word}: {len(before)} alternatives became {len(after)}"
                continue
            for position, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from self.of(one, other, f"{place}/{word}/{position}")


def _resolve(schema: JsonObject, definitions: JsonObject) -> JsonObject:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: JsonObject = definitions[reference.rpartition("/")[2]]
    return target | {name: value for name, value in schema.items() if name != "$ref"}


def _facets(schema: JsonObject) -> JsonObject:
    return {name: value for name, value in schema.items() if name not in _ANNOTATIONS | _STRUCTURE}
