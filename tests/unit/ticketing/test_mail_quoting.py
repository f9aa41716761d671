"""What was written anew is told from what a mail program quotes below it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.rules.quoting import MARKER, written_anew

ANSWERS = {
    "thunderbird": "Le 10/03/2026 à 10:00, Support a écrit :\n> Avez-vous essayé ?\n> Merci\n",
    "gmail in english": "On Tue, Mar 10, 2026 Support <\nsupport@portal.example> wrote:\n\n> Did you?\n",
    "gmail in french": "Le mar. 10 mars, Support <support@portal.example> a\nécrit :\n\n> Essayé ?\n",
    "outlook in french": "De : Support\nEnvoyé : mardi\nÀ : Claire\nObjet : Devis\n\nAvez-vous essayé ?",
    "outlook on the web": "________________________________\nDe : Support <support@portal.example>\n"
    "Envoyé : mardi\nÀ : Claire\nObjet : Devis\n\nAvez-vous essayé ?",
    "outlook in english": "*From:* Support\n*Sent:* Tuesday\n*To:* Claire\n*Subject:* Quote\n\nDid you?",
    "zimbra": '----- Mail original -----\nDe: "Support"\nÀ: "Claire"\nEnvoyé: mardi\nObjet: x\n\nAlors ?',
    "samsung": "---- Message d’origine ----\nDe : Support\nDate : 10/03\nÀ : Claire\nObjet : x\n\nAlors ?",
    "la poste": 'De : "Support"\nA : claire@cabinet.example\nEnvoyé: mardi\nObjet : x\n\nEssayé ?',
    "orange": "envoyé : 10 mars 2026\nde : Support\nà : claire\nobjet : x\n\nEssayé ?",
    "orange of old": "> Message du 10/03/26\n> De : Support\n> A : Claire\n> Objet : x\n> \n> Essayé ?",
    "apple": "> Le 10 mars 2026 à 10:00, Support <support@portal.example> a écrit :\n> \n> Essayé ?\n",
    "yahoo above our line": f"    Le mardi, Support <s@p.example> a écrit :  \n \n {MARKER}\n \n Essayé ?",
    "a long list of addresses": "De : Support\nEnvoyé : mardi\nÀ : Claire;\n Zoé\nObjet : x\n\nAlors ?",
    "original message": "-----Message d'origine-----\nDe : Support\n\nAvez-vous essayé ?",
    "our own line": f"Le 10/03/2026, Support a écrit :\n{MARKER}\nAvez-vous essayé ?",
    "quoted without a word": "> Avez-vous essayé ?\n>\n> Merci",
    "our own line above a signature": f"Le 10/03, Support a écrit :\n> {MARKER}\n> Alors ?\n\n-- \nClaire",
    "nothing": "",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_quoted_at_the_end_is_left_out(answer: str) -> None:
    assert written_anew(f"Oui, toujours.\n\n{answer}") == "Oui, toujours."


KEPT = {
    "answers between the lines": "> Avez-vous essayé ?\nOui.\n> Et ensuite ?\nRien.",
    "an answer below": "Le 10/03/2026, Support a écrit :\n> Avez-vous essayé ?\n\nOui.",
    "answers below our own line": f"Voyez :\n\n> {MARKER}\n> Alors ?\n\nOui.\n\n> Et ?\n\nRien.",
    "only a quote": "> Avez-vous essayé ?",
    "a word that begins like one": "Le devis est faux.\nDe : quoi parle-t-on ?\nMerci.",
    "a line that ends like one": "Il a écrit : E-1207\nsur le devis.",
    "fields that are no header": "Date : 12 mars\nDe : compte 512\nÀ : compte 401\n\nLe virement manque.",
    "a period and its account": "Voici :\nDe : 01/03\nA : 31/03\nPour : cabinet\nObjet : TVA\nFaux.",
    "our line and what a scanner adds": f"Oui.\n\n> {MARKER}\n> Alors ?\n\nGaranti sans virus.",
    "what is forwarded": "Voici.\n\n---------- Forwarded message ---------\nDe : Banque\nDate: mardi\n"
    "Subject: Rejet\n\nRejet AM04.",
    "what is forwarded as a quote": "Voici.\n\nDébut du message transféré :\n\n> De: Banque\n> Rejet AM04.",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_belongs_together_is_kept(text: str) -> None:
    assert written_anew(text) == text


def test_lines_that_nearly_announce_another_mail_are_read_in_proportion_to_their_length() -> None:
    text = f"original message{' ' * 383}x\n" * 10_000
    assert written_anew(text) == text.strip()


LINES = ["a", "> b", "", "Le 1, X a écrit :", "De : x", "À : y", "Objet : z", "-- ", "_____", MARKER]


@given(st.lists(st.sampled_from(LINES)))
def test_something_is_always_left_of_something(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert bool(written_anew(text)) == bool(text.strip())
