// SPDX-License-Identifier: EUPL-1.2
// Headings, and nothing else. What becomes of them is draft_text.c's.
#include "sitrep/reports/template.h"

#include <stddef.h>
#include <string.h>

enum { LANGUAGES = 4, HEADINGS_MAX = 8 };

static const char *const languages[LANGUAGES] = {"nl", "fr", "de", "en"};

static const struct {
    const char *type;
    const char *headings[LANGUAGES][HEADINGS_MAX];
} templates[] = {
    {"observation",
     {{"Waarneming", "Plaats", "Tijdstip", "Bron", NULL},
      {"Constat", "Lieu", "Moment", "Source", NULL},
      {"Feststellung", "Ort", "Zeitpunkt", "Quelle", NULL},
      {"Observation", "Place", "Time", "Source", NULL}}},
    {"situation",
     {{"Beeld", "Gevolgen", "Genomen maatregelen", "Verwachting", "Behoeften", "Communicatie",
       NULL},
      {"Situation", "Conséquences", "Mesures prises", "Évolution attendue", "Besoins",
       "Communication", NULL},
      {"Lage", "Auswirkungen", "Getroffene Maßnahmen", "Erwartete Entwicklung", "Bedarf",
       "Kommunikation", NULL},
      {"Situation", "Consequences", "Measures taken", "Expected development", "Needs",
       "Communication", NULL}}},
    {"resources",
     {{"Ingezet", "Beschikbaar", "Nodig", "Aflossing", NULL},
      {"Engagés", "Disponibles", "Nécessaires", "Relève", NULL},
      {"Im Einsatz", "Verfügbar", "Benötigt", "Ablösung", NULL},
      {"Deployed", "Available", "Needed", "Relief", NULL}}},
    {"casualties",
     {{"Bevolking", "Hulpverleners", "Geëvacueerd en opgevangen", "Ziekenhuizen", NULL},
      {"Population", "Intervenants", "Évacués et hébergés", "Hôpitaux", NULL},
      {"Bevölkerung", "Einsatzkräfte", "Evakuierte und Untergebrachte", "Krankenhäuser", NULL},
      {"Population", "Responders", "Evacuated and sheltered", "Hospitals", NULL}}},
    {"summary",
     {{"In het kort", "Besluiten", "Aandachtspunten", "+12 h", "+24 h", "+48 h", "+72 h", NULL},
      {"En bref", "Décisions", "Points d'attention", "+12 h", "+24 h", "+48 h", "+72 h", NULL},
      {"Kurz gefasst", "Entscheidungen", "Zu beachten", "+12 h", "+24 h", "+48 h", "+72 h", NULL},
      {"In short", "Decisions", "Points of attention", "+12 h", "+24 h", "+48 h", "+72 h", NULL}}},
};

static const char *const helps[LANGUAGES] = {
    "# Regels met # worden niet verstuurd; een sectie zonder tekst ook niet.\n"
    "# Boven: NAAM: WAARDE ('sitrep kinds report' noemt ze). = KOP begint een sectie, = +12 h een\n"
    "# vooruitblik. Een tekstregel die met #, = of \\ begint, krijgt er een \\ voor.\n",
    "# Les lignes en # ne sont pas envoyées, les sections sans texte non plus.\n"
    "# En haut : NOM: VALEUR (voir 'sitrep kinds report'). = TITRE commence une section, = +12 h "
    "une\n"
    "# perspective. Une ligne de texte qui commence par #, = ou \\ prend un \\ devant.\n",
    "# Zeilen mit # werden nicht gesendet, Abschnitte ohne Text auch nicht.\n"
    "# Oben: NAME: WERT ('sitrep kinds report' nennt sie). = TITEL beginnt einen Abschnitt, = +12 "
    "h\n"
    "# einen Ausblick. Eine Textzeile, die mit #, = oder \\ beginnt, bekommt ein \\ davor.\n",
    "# Lines with # are not sent, nor are sections without text.\n"
    "# Above: NAME: VALUE ('sitrep kinds report' has them). = TITLE begins a section, = +12 h an\n"
    "# outlook. A line of text that begins with #, = or \\ gets a \\ before it.\n",
};

static size_t language_place(const char *language)
{
    size_t at = 0;

    while (at + 1 < LANGUAGES && strcmp(languages[at], language) != 0) {
        at++;
    }
    return at;
}

const char *template_language(const char *name)
{
    for (size_t i = 0; name != NULL && i < LANGUAGES; i++) {
        if (strncmp(name, languages[i], 2) == 0 && strchr("-_.", name[2]) != NULL) {
            return languages[i]; // strchr finds the end, too
        }
    }
    return "en";
}

const char *const *template_headings(const char *type, const char *language)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        if (strcmp(templates[i].type, type) == 0) {
            return templates[i].headings[language_place(language)];
        }
    }
    return NULL;
}

const char *template_help(const char *language)
{
    return helps[language_place(language)];
}
