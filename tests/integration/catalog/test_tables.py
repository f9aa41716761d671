"""The tables that statements are written against are those that the migrations make."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from services.availability.tables import METADATA as AVAILABILITY
from services.catalog.tables import METADATA as CATALOG
from services.metering.tables import METADATA as METERING
from services.ticketing.tables import METADATA as TICKETING
from tests.support.postgres import DatabaseMaker


@pytest.mark.parametrize(
    ("service", "metadata"),
    [
        ("catalog", CATALOG),
        ("metering", METERING),
        ("availability", AVAILABILITY),
        ("ticketing", TICKETING),
    ],
)
async def test_the_schema_is_that_of_the_code(
    database: DatabaseMaker, service: str, metadata: MetaData
) -> None:
    url = make_url(database(service).owner_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda thing, name, kind, found, other: (
                    kind != "table" or name in metadata.tables
                ),
            },
        )
        return list(compare_metadata(context, metadata))

    def unprotected(connection: Connection) -> list[str]:
        tables = [
            table.name
            for table in metadata.sorted_tables
            if "customer_id" in {column["name"] for column in inspect(connection).get_columns(table.name)}
        ]
        forced = text("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relrowsecurity")
        return sorted(set(tables) - set(connection.execute(forced).scalars()))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(unprotected) == []
    await engine.dispose()
