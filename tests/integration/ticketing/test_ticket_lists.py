"""Tickets are found by the reference that somebody dictates, and listed: the customer's own alone."""

from services.ticketing.rules.references import reference_of
from tests.integration.ticketing.portal import Portal, problem


class TestAReference:
    async def test_is_read_back_however_it_is_spaced(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        ticket = await portal.register(customer)
        digits = ticket["reference"].replace("-", "")
        for spoken in (ticket["reference"], digits, f"{digits[:2]} {digits[2:5]} {digits[5:]}"):
            found = await portal.agent.get(f"/v1/ticket-references/{spoken}")
            assert found.json()["ticket_id"] == ticket["ticket_id"]
            own = await portal.firm(customer).get("/v1/tickets", params={"reference": spoken})
            assert [each["ticket_id"] for each in own.json()["items"]] == [ticket["ticket_id"]]

    async def test_that_was_mistyped_is_told_from_one_nobody_has(self, portal: Portal) -> None:
        customer, other = await portal.new_customer(), await portal.new_customer()
        ticket = await portal.register(customer)
        reference = ticket["reference"]
        wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
        refused = await portal.agent.get(f"/v1/ticket-references/{wrong}")
        assert problem(refused) == (422, "reference-mistyped", None)
        unknown = await portal.agent.get(f"/v1/ticket-references/{reference_of(7_000_000)}")
        assert problem(unknown) == (404, "ticket-unknown", None)
        elsewhere = await portal.firm(other).get("/v1/tickets", params={"reference": reference})
        assert elsewhere.json()["items"] == []


class TestLists:
    async def test_show_the_latest_first_page_by_page_and_filter(self, portal: Portal) -> None:
        customer, product = await portal.new_customer(), await portal.new_product()
        company = await portal.new_company(customer)
        made = [await portal.register(customer, company_id=str(company)) for _ in range(3)]
        about = await portal.register(customer, product=product)
        service = await portal.register(customer, kind="customer_service")
        firm = portal.firm(customer)

        async def ids(**wanted: str) -> set[str]:
            answer = await firm.get("/v1/tickets", params=wanted)
            return {each["ticket_id"] for each in answer.json()["items"]}

        assert await ids(product=product) == {about["ticket_id"]}
        assert await ids(kind="customer_service") == {service["ticket_id"]}
        assert await ids(company_id=str(company)) == {each["ticket_id"] for each in made}
        assert await ids(state="closed") == set()
        seen, cursor = [], None
        while True:
            page = await firm.get(
                "/v1/tickets", params={"limit": 2, "cursor": cursor} if cursor else {"limit": 2}
            )
            seen += [each["ticket_id"] for each in page.json()["items"]]
            cursor = page.json()["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 5
        staff = await portal.agent.get(f"/v1/customers/{customer}/tickets")
        assert {each["ticket_id"] for each in staff.json()["items"]} == set(seen)
