# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: EUPL-1.2
# What measurements on a wire have in common: two real nodes in network namespaces, and texts to write.
. "$(dirname "${BASH_SOURCE[0]}")/../../tests/e2e/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../../tests/e2e/net.sh"

calculate() { # EXPRESSION
    awk "BEGIN { printf \"%.3f\", $1 }"
}

# both OPTION...: of sitrep link, on both nodes. That a line is thin is also said on stderr.
both() {
    must s be-nccn link nl-kcr2 "$@" >/dev/null 2>&1
    must s nl-kcr2 link be-nccn "$@" >/dev/null 2>&1
}

cut_line() {
    must s nl-kcr2 link cut be-nccn >/dev/null 2>&1
    await "the links to be cut" gives "down cut" states
}
heal_line() {
    must s nl-kcr2 link heal be-nccn >/dev/null 2>&1
}
states() {
    echo "$(peer be-nccn nl-kcr2 .state) $(peer nl-kcr2 be-nccn .state)"
}
is_linked() { # as both see it: who connects sees it first
    [ "$(peer nl-kcr2 be-nccn .state)" != down ] && [ "$(peer be-nccn nl-kcr2 .state)" != down ]
}

holds() { # NODE ENTRIES
    gives "$2" status "$1" .entries
}

# 300 characters each that people might write; none of them is among the phrases of the dictionary.
texts=(
    "Loods aan de Kade 14 brandt uit, rook trekt over de snelweg richting Zelzate. Vier pelotons ter plaatse, twee blusboten onderweg vanuit Terneuzen. School De Kreek wordt uit voorzorg ontruimd, ouders halen leerlingen op bij het voetbalveld. Bluswater loopt naar het kanaal; milieudienst neemt monsters om %02d:%02d uur."
    "Eboulement sur la N88 au lieu-dit La Roche: chaussee coupee dans les deux sens, un camion-citerne couche dans le fosse, conducteur legerement blesse. Pas de fuite constatee pour l'instant. Deviation par Bras, compter quarante minutes de plus. Une entreprise avec pelleteuse est attendue sur place vers %02d h %02d ce soir."
    "Seit heute frueh kein Trinkwasser in den Ortsteilen Weiden und Losheimergraben nach Rohrbruch am Hochbehaelter. Betroffen sind etwa 2.300 Haushalte und das Altenheim St. Anna. Zwei Tankwagen des THW stehen am Kirchplatz, weitere sind aus Euskirchen zugesagt. Reparatur laut Versorger nicht vor %02d:%02d Uhr morgen."
    "Ferry Albion aground on the sandbank two miles off Breskens with 212 on board, no water coming in, all calm. Tide turns shortly; lifeboats from both banks stand by and a tug has left Vlissingen. We keep the pilot channel closed and ask the hospitals in Goes and Ghent to stay on notice until %02d:%02d at the least."
)
# text N: of 300 characters; the same N gives another time of day each time.
text() {
    # shellcheck disable=SC2059
    printf "${texts[$1 % ${#texts[@]}]}" $((RANDOM % 24)) $((RANDOM % 60)) | cut -c1-300
}

# entries COUNT: reports to publish, as newline-delimited JSON.
entries() {
    local i
    for i in $(seq "$1"); do
        jq -nc --arg text "$(text "$i")" '{kind: "report", text: $text}'
    done
}

# noise COUNT CHARACTERS: the same, of text that does not compress.
noise() {
    local i
    for i in $(seq "$1"); do
        jq -nc --arg text "$(head -c "$2" /dev/urandom | base64 -w 0 | cut -c1-"$2")" '{kind: "report", text: $text}'
    done
}
