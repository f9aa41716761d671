"""The hosting register in French and English: titles of commitments, and the reminder to operations."""

from chassis.languages import Language
from services.availability.model.hosting import Evidence, ReminderKind

_TITLES: dict[str, dict[Language, str]] = {
    "two_generators": {"fr": "Deux groupes électrogènes de secours", "en": "Two backup generators"},
    "generator_on_site": {"fr": "Un groupe toujours sur site", "en": "One generator always on site"},
    "fire_monitoring": {"fr": "Surveillance de l’incendie", "en": "Monitoring of fire"},
    "smoke_monitoring": {"fr": "Surveillance de la fumée", "en": "Monitoring of smoke"},
    "flood_monitoring": {"fr": "Surveillance de l’inondation", "en": "Monitoring of flooding"},
    "fire_extinguishing": {"fr": "Extinction d’incendie", "en": "Fire extinguishing"},
    "double_cooling": {"fr": "Double système de climatisation", "en": "Double cooling"},
    "physical_security": {
        "fr": "Sécurité physique 24 h/24, 7 j/7",
        "en": "Physical security around the clock",
    },
    "several_networks": {"fr": "Plusieurs réseaux", "en": "Several networks"},
    "several_operators": {"fr": "Plusieurs opérateurs", "en": "Several operators"},
    "access_control": {"fr": "Contrôle des accès", "en": "Access control"},
    "continuity": {"fr": "Continuité de service", "en": "Continuity of service"},
}
_SUBJECTS: dict[ReminderKind, str] = {
    ReminderKind.due_soon: "Preuve d’hébergement à renouveler / Hosting evidence to renew: {title}",
    ReminderKind.expired: "Preuve d’hébergement expirée / Hosting evidence expired: {title}",
}
_TEXTS: dict[ReminderKind, str] = {
    ReminderKind.due_soon: """Article 7 du livret, engagement « {french} » ({name}).

La preuve « {document} », du {dated_on}, vaut jusqu'au {valid_until} inclus. Enregistrez la suivante avant.

Article 7 of the booklet, commitment "{english}" ({name}).

The evidence "{document}" of {dated_on} is valid through {valid_until}. Record the next one before.
""",
    ReminderKind.expired: """Article 7 du livret, engagement « {french} » ({name}).

La preuve « {document} », du {dated_on}, a expiré le {valid_until}. Plus rien n'atteste cet engagement.

Article 7 of the booklet, commitment "{english}" ({name}).

The evidence "{document}" of {dated_on} ended with {valid_until}. Nothing shows the commitment held any more.
""",
}


def title_of(name: str, language: Language) -> str:
    """A commitment's title; of one of another publisher's booklet, its name in plain letters."""
    return _TITLES[name][language] if name in _TITLES else name.replace("_", " ").capitalize()


def reminder_of(evidence: Evidence, kind: ReminderKind) -> tuple[str, str]:
    """The subject and the text of the mail to operations."""
    told = {
        "name": evidence.commitment,
        "french": title_of(evidence.commitment, "fr"),
        "english": title_of(evidence.commitment, "en"),
        "document": evidence.document,
        "dated_on": evidence.dated_on.isoformat(),
        "valid_until": evidence.valid_until.isoformat(),
    }
    return _SUBJECTS[kind].format(title=told["french"]), _TEXTS[kind].format(**told)
