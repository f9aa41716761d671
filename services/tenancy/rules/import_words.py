"""The sentences of an import's report, in English and French."""

from services.tenancy.model import Problem

SENTENCES: dict[str, tuple[str, str]] = {
    "siret_missing": (
        "The SIRET is missing: write the 14 digits of the establishment.",
        "Le SIRET manque : indiquez les 14 chiffres de l'établissement.",
    ),
    "siret_zero_lost": (
        "The SIRET lost its leading zero, probably in a spreadsheet.",
        "Le SIRET a perdu son zéro initial, sans doute dans un tableur.",
    ),
    "siret_decimal": (
        "The SIRET is written as a decimal number.",
        "Le SIRET est écrit comme un nombre décimal.",
    ),
    "siret_rounded": (
        "A spreadsheet rounded this SIRET and lost its last digits: format the column as text.",
        "Un tableur a arrondi ce SIRET et perdu ses derniers chiffres : mettez la colonne au format texte.",
    ),
    "siret_is_siren": (
        "This is a SIREN (9 digits): add the 5 digits of the establishment.",
        "C'est un SIREN (9 chiffres) : ajoutez les 5 chiffres de l'établissement.",
    ),
    "siret_not_digits": (
        "The SIRET holds something other than digits.",
        "Le SIRET contient autre chose que des chiffres.",
    ),
    "siret_length": (
        "The SIRET has {detail} digits instead of 14.",
        "Le SIRET a {detail} chiffres au lieu de 14.",
    ),
    "siret_check_digit": (
        "The SIRET's check digit does not agree: look for a mistyped digit.",
        "La clé du SIRET n'est pas la bonne : cherchez un chiffre mal saisi.",
    ),
    "siret_twice": (
        "The same SIRET stands in line {detail} already: keep one of the two.",
        "Le même SIRET figure déjà à la ligne {detail} : gardez l'une des deux.",
    ),
    "postcode_missing": (
        "The postcode is missing: the establishment's address decides whether it can be served (article 4).",
        "Le code postal manque : l'adresse de l'établissement décide s'il peut être servi (article 4).",
    ),
    "postcode_decimal": (
        "The postcode is written as a decimal number.",
        "Le code postal est écrit comme un nombre décimal.",
    ),
    "postcode_zero_lost": (
        "The postcode lost its leading zero.",
        "Le code postal a perdu son zéro initial.",
    ),
    "postcode_unreadable": (
        "The postcode does not have five digits.",
        "Le code postal n'a pas cinq chiffres.",
    ),
    "postcode_overseas": (
        "The service is available in metropolitan France only (article 4): this establishment is not.",
        "Service disponible en France métropolitaine seulement (article 4) : cet établissement n'y est pas.",
    ),
    "line_break": (
        "The cell goes over several lines: is a quotation mark not closed?",
        "La cellule s'étend sur plusieurs lignes : un guillemet n'est-il pas fermé ?",
    ),
    "name_missing": ("The name is missing.", "La raison sociale manque."),
    "too_long": (
        "This is longer than {detail} characters.",
        "Ce texte dépasse {detail} caractères.",
    ),
    "character_lost": (
        "A character was lost when the file was saved: look for the \N{REPLACEMENT CHARACTER}.",
        "Un caractère a été perdu à l'enregistrement du fichier : cherchez le \N{REPLACEMENT CHARACTER}.",
    ),
    "too_many_cells": (
        "More cells than columns ({detail}): a separator inside a text needs quotation marks.",
        "Plus de cellules que de colonnes ({detail}) : un séparateur dans un texte demande des guillemets.",
    ),
}


def sentences(problem: Problem) -> tuple[str, str]:
    """What a person reads of this problem, in English and in French."""
    english, french = SENTENCES[problem.code]
    return english.format(detail=problem.detail), french.format(detail=problem.detail)
