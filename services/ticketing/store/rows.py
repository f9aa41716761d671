"""Rows of tables whose columns are the fields of a frozen value, one to one."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import Insert


def columns_of(value: Any) -> dict[str, Any]:
    """The parameters that `saving` asks for. A tuple is sent as an array."""
    told = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in told.items()}


def saving(table: Table) -> Insert:
    """The statement that writes a whole row, in the place of the one with its key."""
    statement = insert(table).values({column.name: bindparam(column.name) for column in table.c})
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)
