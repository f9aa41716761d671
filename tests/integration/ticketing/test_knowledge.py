"""The knowledge base: written by the publisher, found in French, judged by its readers (13.4-a)."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.auth import Role
from tests.integration.ticketing.portal import Portal, problem
from tests.support.callers import once

ARTICLES: list[dict[str, Any]] = [
    {
        "question": "Comment valider un devis ?",
        "answer": "Ouvrez **Ventes › Devis**, puis *Valider*. Un devis validé ne se corrige plus.",
        "keywords": ["proposition commerciale"],
    },
    {
        "question": "Pourquoi ma facture est-elle refusée ?",
        "answer": "Une facture est refusée quand la période est close : réouvrez-la.",
    },
    {"question": "Exporter les écritures comptables", "answer": "Menu Exports : le journal, la période."},
    {"question": "Imprimante introuvable", "answer": "Allumez-la ; les pilotes se réinstallent."},
]


async def write(portal: Portal, **changes: Any) -> dict[str, Any]:
    """An article as a draft."""
    answer = await portal.agent.post("/v1/knowledge/articles", json=ARTICLES[0] | changes, headers=once())
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def change(portal: Portal, article: dict[str, Any], deed: str) -> httpx.Response:
    """Publishes or retires it as it was last seen."""
    path = f"/v1/knowledge/articles/{article['article_id']}"
    return await portal.agent.post(f"{path}/{deed}", headers={"If-Match": f'"{article["revision"]}"'})


async def published(portal: Portal, **changes: Any) -> dict[str, Any]:
    """An article that every customer reads."""
    answer = await change(portal, await write(portal, **changes), "publication")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.fixture
async def shelf(portal: Portal) -> str:
    """A product with these four articles; returns its code."""
    product = await portal.new_product()
    for article in ARTICLES:
        await published(portal, product=product, **({"keywords": []} | article))
    return product


async def found(portal: Portal, query: str, product: str) -> list[str]:
    """The questions that a customer finds with these words, best first."""
    reader = portal.firm(await portal.new_customer("connect"))
    answer = await reader.get("/v1/knowledge/search", params={"query": query, "product": product})
    assert answer.status_code == 200, answer.text
    return [item["question"] for item in answer.json()["items"]]


class TestAnArticle:
    async def test_is_read_by_customers_of_every_plan_once_it_is_published(self, portal: Portal) -> None:
        draft = await write(portal)
        path = f"/v1/knowledge/articles/{draft['article_id']}"
        readers = [portal.firm(await portal.new_customer(plan)) for plan in ("connect", "open", "private")]
        for reader in readers:
            assert problem(await reader.get(path)) == (404, "article-unknown", "13.4-a")
        await change(portal, draft, "publication")
        for reader in readers:
            shown = (await reader.get(path)).json()
            assert shown["answer_html"].startswith("<p>Ouvrez <strong>Ventes › Devis</strong>")
            assert (shown["helpful"], shown["not_helpful"]) == (None, None)

    async def test_retired_is_found_by_nobody_and_can_come_back(self, portal: Portal) -> None:
        word = f"zz{uuid4().hex[:8]}"
        article = await published(portal, keywords=[word])
        product = await portal.new_product()
        assert await found(portal, word, product) == [ARTICLES[0]["question"]]
        retired = (await change(portal, article, "retirement")).json()
        assert await found(portal, word, product) == []
        refused = await change(portal, retired, "retirement")
        assert problem(refused) == (409, "article-state-refused", None)
        assert (await change(portal, retired, "publication")).status_code == 200

    async def test_keeps_each_text_it_had_and_who_wrote_it(self, portal: Portal) -> None:
        article = await published(portal)
        path = f"/v1/knowledge/articles/{article['article_id']}"
        other = ARTICLES[1]
        stale = await portal.agent.put(path, json=other, headers={"If-Match": '"1"'})
        assert problem(stale)[:2] == (412, "changed-meanwhile")
        edited = await portal.agent.put(path, json=other, headers={"If-Match": '"2"'})
        assert (edited.json()["question"], edited.json()["state"]) == (other["question"], "published")
        first = (await portal.agent.get(f"{path}/revisions", params={"limit": 2})).json()
        rest = (await portal.agent.get(f"{path}/revisions", params={"cursor": first["next_cursor"]})).json()
        told = [(item["revision"], item["question"]) for item in first["items"] + rest["items"]]
        asked = ARTICLES[0]["question"]
        assert told == [(3, other["question"]), (2, asked), (1, asked)]

    async def test_is_of_a_product_that_there_is(self, portal: Portal) -> None:
        body = ARTICLES[0] | {"product": "no-such-product"}
        refused = await portal.agent.post("/v1/knowledge/articles", json=body, headers=once())
        assert problem(refused)[1] == "product-unknown"

    async def test_holds_no_script(self, portal: Portal) -> None:
        article = await write(portal, answer="<script>alert(1)</script> [x](javascript:alert(1))")
        assert "<script" not in article["answer_html"]
        assert "href" not in article["answer_html"]

    async def test_that_is_not_there_is_not_found(self, portal: Portal) -> None:
        for path in ("", "/revisions", "/opinions"):
            answer = await portal.agent.get(f"/v1/knowledge/articles/{uuid4()}{path}")
            assert problem(answer)[:2] == (404, "article-unknown")


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "best"),
        [
            ("validation devis", 0),
            ("VALIDER", 0),
            ("propositions commerciales", 0),
            ("périodes closes", 1),
            ("periode close", 1),
            ("refuser facture", 1),
            ("ecriture comptable", 2),
            ("l'imprimante", 3),
            ("imprimente", 3),
            ("l’imprimante…", 3),
            ("« écritures comptables »", 2),
        ],
    )
    async def test_finds_french_words_in_any_form_with_and_without_accents(
        self, portal: Portal, shelf: str, query: str, best: int
    ) -> None:
        assert (await found(portal, query, shelf))[:1] == [ARTICLES[best]["question"]]

    @pytest.mark.parametrize("query", ["facture -close", '"close période"', "!!! & | :*", "''"])
    async def test_finds_nothing_where_nothing_is(self, portal: Portal, shelf: str, query: str) -> None:
        assert await found(portal, query, shelf) == []

    async def test_finds_words_that_telephones_write_with_signs_of_their_own(self, portal: Portal) -> None:
        product = await portal.new_product()
        article = await published(portal, product=product, question="L’échéance… – d’aujourd’hui")
        for query in ("échéances", "d’échéance", "aujourd'hui"):
            assert await found(portal, query, product) == [article["question"]]

    async def test_shows_what_it_met(self, portal: Portal, shelf: str) -> None:
        answer = await portal.agent.get("/v1/knowledge/search", params={"query": "close", "product": shelf})
        assert "«close»" in answer.json()["items"][0]["excerpt"]

    async def test_is_of_a_product_and_of_what_concerns_the_whole_portal(
        self, portal: Portal, shelf: str
    ) -> None:
        everywhere = f"zz{uuid4().hex[:8]}"
        await published(portal, keywords=[everywhere])
        assert len(await found(portal, everywhere, shelf)) == 1
        assert await found(portal, "imprimante", await portal.new_product()) == []


class TestSuggestions:
    async def test_share_the_rarest_words_with_what_is_being_written(
        self, portal: Portal, shelf: str
    ) -> None:
        reader = portal.firm(await portal.new_customer())
        written = {
            "subject": "Impossible d'imprimer",
            "context": "Bonjour, depuis ce matin l’imprimante reste introuvable « pour un devis »…",
            "product": shelf,
        }
        answer = await reader.post("/v1/knowledge/suggestions", json=written)
        asked = [item["question"] for item in answer.json()["items"]]
        assert asked[0] == "Imprimante introuvable"
        nothing = await reader.post("/v1/knowledge/suggestions", json={"subject": "zzz", "product": shelf})
        assert nothing.json()["items"] == []

    async def test_a_words_error_message_is_no_query(self, portal: Portal, shelf: str) -> None:
        written = {"error_message": "'); DROP TABLE article; -- & | ! :* \\", "product": shelf}
        answer = await portal.agent.post("/v1/knowledge/suggestions", json=written)
        assert answer.status_code == 200


class TestOpinions:
    async def test_are_one_a_person_and_counted_for_the_publisher_alone(self, portal: Portal) -> None:
        article = await published(portal)
        path = f"/v1/knowledge/articles/{article['article_id']}"
        readers = [portal.firm(await portal.new_customer()) for _ in range(3)]
        for reader in readers:
            given = await reader.put(f"{path}/opinion", json={"helpful": True})
            assert (given.status_code, given.json()["revision"]) == (200, 2)
        again = {"helpful": False, "remark": "Il manque le cas des avoirs."}
        await readers[0].put(f"{path}/opinion", json=again)
        shown = (await portal.agent.get(path)).json()
        assert (shown["helpful"], shown["not_helpful"]) == (2, 1)
        first = (await portal.agent.get(f"{path}/opinions", params={"limit": 2})).json()
        rest = (await portal.agent.get(f"{path}/opinions", params={"cursor": first["next_cursor"]})).json()
        remarks = [item["remark"] for item in first["items"] + rest["items"]]
        assert sorted(remarks) == ["", "", again["remark"]]

    async def test_are_of_what_a_reader_sees(self, portal: Portal) -> None:
        draft = await write(portal)
        reader = portal.firm(await portal.new_customer())
        given = await reader.put(
            f"/v1/knowledge/articles/{draft['article_id']}/opinion", json={"helpful": True}
        )
        assert problem(given)[1] == "article-unknown"


async def test_articles_are_listed_page_by_page_drafts_to_the_publisher_only(portal: Portal) -> None:
    product = await portal.new_product()
    for state in ("draft", "published", "published"):
        await (write if state == "draft" else published)(portal, product=product)
    reader = portal.firm(await portal.new_customer())
    seen: list[UUID] = []
    cursor: str | None = None
    while True:
        told = {"product": product, "limit": "1", "state": "draft"} | ({"cursor": cursor} if cursor else {})
        page = (await reader.get("/v1/knowledge/articles", params=told)).json()
        seen += [item["article_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(set(seen)) == len(seen) == 2
    drafts = await portal.agent.get("/v1/knowledge/articles", params={"product": product, "state": "draft"})
    assert [item["state"] for item in drafts.json()["items"]] == ["draft"]


async def test_a_companys_people_are_not_among_the_readers(portal: Portal) -> None:
    customer = await portal.new_customer()
    company = await portal.new_company(customer)
    answer = await portal.of(Role.company_user, customer, company).get("/v1/knowledge/articles")
    assert problem(answer)[:2] == (403, "not-allowed")
