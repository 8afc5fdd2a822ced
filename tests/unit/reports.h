// SPDX-License-Identifier: EUPL-1.2
// Reports written by hand, ten in each language, to measure what the dictionary of bodies saves on
// texts it was not trained on [4.9]. Neither their topics nor their sentences are in
// tools/dictionary; whoever adds phrases there takes none from here.
#ifndef TESTS_REPORTS_H
#define TESTS_REPORTS_H

#include <stddef.h>

enum { REPORTS_LANGUAGES = 4, REPORTS_EACH = 10 };

struct reports {
    const char *language;
    const char *text[REPORTS_EACH];
};

static const struct reports reports[REPORTS_LANGUAGES] = {
    {"nl",
     {
         "Bij een pluimveebedrijf is vogelgriep vastgesteld. Rond de stal geldt een zone van 3 km "
         "waar geen dieren, eieren of mest vervoerd mogen worden. Het ruimen van 42.000 kippen "
         "begint morgenochtend. De dierenarts volgt de mensen die in de stal gewerkt hebben; "
         "niemand heeft klachten.",
         "De computers van drie gemeenten liggen plat na een aanval met gijzelsoftware. Loketten "
         "zijn dicht, uitkeringen van vrijdag lopen gevaar. Back-ups lijken bruikbaar, maar het "
         "terugzetten duurt zeker vier dagen. We vragen of andere gemeenten paspoorten en "
         "geboorteaangiften kunnen overnemen.",
         "Baggeraars vonden in de vaargeul een zeemijn uit de oorlog. De marine legt hem vannacht "
         "op een zandbank en brengt hem bij laag water tot ontploffing. Schepen blijven twee "
         "zeemijl weg. Strandtenten tussen de pier en het naaktstrand moeten om 6 uur leeg zijn. "
         "Er is geen haast, de mijn ligt stil.",
         "In twee monsters uit de watertoren zit E. coli. Ongeveer 18.000 huishoudens krijgen het "
         "advies om kraanwater drie minuten te koken. Ziekenhuis en bejaardentehuis krijgen "
         "flessen. "
         "De oorzaak is waarschijnlijk een lekke put na onderhoud van vorige week. Uitslag van de "
         "nieuwe monsters: donderdag rond de middag.",
         "Een jongen van negen wordt sinds het zwemles-uurtje vermist. Hij draagt een geel jack en "
         "heeft autisme, hij reageert niet op zijn naam. Honden en een drone met warmtebeeld "
         "zoeken "
         "langs het spoor en de visvijver. Ouders worden opgevangen op school. Graag geen eigen "
         "zoekacties van buurtbewoners.",
         "Het containerschip heeft de spoorbrug geraakt en een pijler is verschoven. ProRail laat "
         "geen treinen meer rijden tot duikers onder water gekeken hebben. Reizigers gaan met "
         "bussen "
         "om, reken op een uur extra. De schipper is aangehouden, hij had te veel gedronken. De "
         "kade "
         "blijft vrij voor de kraan.",
         "Op het festivalterrein zijn vanavond 31 bezoekers onwel geworden, vermoedelijk door "
         "vervuilde pillen. Vier liggen op de intensive care. De burgemeester legt de muziek om 23 "
         "uur stil en laat de camping open, zodat niemand onder invloed naar huis rijdt. De pil is "
         "roze met een hartje; het laboratorium onderzoekt hem.",
         "De Maas staat zo laag dat binnenschepen nog maar een derde kunnen laden. De "
         "bakkerijgroothandel "
         "heeft meel voor negen dagen. Rijkswaterstaat sluit de kleine sluis na zessen om water te "
         "sparen. Telers mogen tot nader order niet beregenen uit de beek. De waterkwaliteit wordt "
         "dagelijks bekeken.",
         "Cipiers van twee gevangenissen hebben het werk neergelegd. De politie bewaakt de "
         "buitenmuur "
         "en het Rode Kruis deelt maaltijden uit. Bezoek en transport naar de rechtbank gaan niet "
         "door. "
         "Het overleg met de vakbonden wordt om 20 uur hervat. Op vleugel C weigeren veertien "
         "gedetineerden terug naar de cel te gaan.",
         "Onder de winkelstraat is een oude mergelgang ingestort: een gat van zes bij acht meter, "
         "diepte onbekend. Een bestelwagen hangt over de rand, de chauffeur kon zelf wegkomen. "
         "Achttien panden zijn leeg, een geoloog meet elk uur of de scheur groeit. Het tramverkeer "
         "rijdt om via het station.",
     }},
    {"fr",
     {
         "Un foyer de grippe aviaire est confirmé chez un éleveur de canards. Les déplacements de "
         "volailles sont interdits dans un rayon de 10 km et les promeneurs sont priés de tenir "
         "leur "
         "chien en laisse près de l'étang. L'abattage durera deux jours. Aucun cas humain, le "
         "vétérinaire suit six ouvriers.",
         "Le serveur de l'hôpital est chiffré depuis cette nuit par un rançongiciel. Les dossiers "
         "sont "
         "tenus sur papier, le bloc ne prend que les cas vitaux et le laboratoire rend ses "
         "résultats "
         "par coursier. Les attaquants réclament deux millions ; on ne paie pas. Prière de ne plus "
         "ouvrir de courriels venant de ce domaine.",
         "En creusant une piscine, un particulier a mis au jour un obus de gros calibre. Les "
         "démineurs "
         "arrivent vers midi. Une crèche et le supermarché voisin sont vidés par précaution, le "
         "bus 38 "
         "ne marque plus l'arrêt. Le transport de l'engin se fera sous escorte dès que la fusée "
         "sera "
         "retirée.",
         "Des analyses montrent des nitrates et des bactéries dans le captage du plateau. L'eau ne "
         "doit "
         "plus servir aux biberons ni à la cuisine dans quatre communes. Des bouteilles sont "
         "remises à "
         "la salle des fêtes, deux litres par tête. Un chantier agricole en amont est soupçonné ; "
         "le "
         "parquet est prévenu.",
         "Une randonneuse de 71 ans n'est pas rentrée de sa promenade autour du barrage. Sa "
         "voiture est "
         "toujours au parking, son téléphone a borné pour la dernière fois à 15 h 20. Plongeurs, "
         "chiens "
         "et hélicoptère à caméra thermique sont engagés. Elle est diabétique et marche avec une "
         "canne "
         "rouge.",
         "Un train de marchandises a déraillé à l'entrée de la gare de triage : trois wagons de "
         "céréales "
         "couchés, caténaire arrachée sur 400 m. Personne n'est touché. Infrabel annonce une "
         "reprise sur "
         "une seule voie mardi au plus tôt. Les navetteurs sont priés de passer par la ligne 162.",
         "La foule dépasse les prévisions au marché de Noël : 26 000 visiteurs comptés à 19 heures "
         "pour "
         "18 000 attendus. Des mouvements de panique ont eu lieu devant la grande roue, sept "
         "personnes "
         "sont contusionnées. Les stewards filtrent les entrées et le métro ne s'arrête plus à la "
         "place.",
         "Avec la sécheresse, la centrale réduit sa production car la rivière est trop chaude et "
         "trop "
         "basse. Le lac a perdu 2 m 10 depuis juin. Les baignades sont fermées à cause des algues "
         "bleues "
         "et deux chiens sont morts. Les maires demandent s'ils peuvent encore remplir les bassins "
         "des "
         "pompiers.",
         "Les gardiens de la prison sont en grève depuis lundi soir. Des policiers distribuent les "
         "repas "
         "et la visite des familles est suspendue. Deux détenus ont mis le feu à un matelas, "
         "l'aile est "
         "enfumée mais personne n'a été intoxiqué. Le directeur demande vingt agents de plus pour "
         "la "
         "nuit prochaine.",
         "Quatorze cas de rougeole dans deux écoles, dont un bébé hospitalisé. Les élèves non "
         "vaccinés "
         "restent à la maison jusqu'au 19. Le médecin scolaire appelle chaque famille et un bus de "
         "vaccination se tiendra samedi sur le parking de la piscine. Nous manquons d'interprètes "
         "en "
         "roumain et en dari.",
     }},
    {"de",
     {
         "In einem Mastbetrieb wurde die Afrikanische Schweinepest nachgewiesen. Jagd und Ernte "
         "ruhen in "
         "der Kernzone, Hunde gehören an die Leine. Das Veterinäramt lässt 1.900 Tiere töten und "
         "sucht "
         "mit Drohnen nach verendeten Wildschweinen. Für Menschen ist das Virus ungefährlich, "
         "Fleisch "
         "darf gegessen werden.",
         "Unbekannte haben die Rechner der Kreisverwaltung verschlüsselt. Kfz-Zulassung und "
         "Elterngeld "
         "fallen aus, E-Mails kommen nicht an. Die Leitstelle ist nicht betroffen, sie hat ein "
         "eigenes "
         "Netz. Fachleute schätzen die Wiederherstellung auf drei Wochen. Lösegeld wird nicht "
         "gezahlt, "
         "Anzeige ist erstattet.",
         "Auf dem Gelände der alten Gießerei liegt ein Blindgänger von zehn Zentnern mit "
         "Langzeitzünder. "
         "Entschärfen ist unmöglich, er wird gegen 21 Uhr gesprengt. 6.400 Menschen verlassen "
         "dafür ihre "
         "Häuser, darunter ein Kloster und zwei Hotels. Strohballen und Wasserkissen sollen die "
         "Wucht "
         "dämpfen.",
         "Im Trinkwasser des Hochbehälters wurden Keime gefunden, das Netz wird gechlort. Bis "
         "Montag "
         "bitte abkochen, auch zum Zähneputzen. Dialysepraxen sind verständigt. Ein Riss in der "
         "Decke "
         "ließ nach dem Gewitter Schmutz hinein, Taucher dichten ihn ab. Die Schulküchen kochen "
         "mit "
         "Flaschenwasser.",
         "Seit gestern Abend fehlt eine 83-jährige Bewohnerin des Pflegeheims, sie ist dement und "
         "trägt "
         "Hausschuhe. Suchhunde verloren die Spur an der Bushaltestelle. Die Wasserwacht fährt den "
         "Weiher "
         "ab, die Bergwacht geht den Steinbruch durch. Bitte Gartenhütten und Garagen nachsehen.",
         "Ein Sportflugzeug musste auf der Landebahn ohne Fahrwerk aufsetzen. Der Pilot blieb "
         "heil, seine "
         "Begleiterin hat sich das Handgelenk gebrochen. Bis zur Bergung landen Linienflüge "
         "anderswo, "
         "zwölf Maschinen wurden umgeleitet. Etwa 80 Liter Kerosin werden abgebunden. Die "
         "Unfallermittler "
         "kommen aus Braunschweig.",
         "Beim Stadtfest brach eine Tribüne ein, rund vierzig Zuschauer fielen anderthalb Meter "
         "tief. "
         "Elf haben Brüche, ein Kind wird operiert. Die Bühne bleibt dunkel, der Umzug entfällt. "
         "Ein "
         "Statiker prüft die übrigen Gerüste, bevor morgen früh wieder jemand hinauf darf. Die "
         "Seelsorge "
         "betreut Angehörige in der Turnhalle.",
         "Der Rheinpegel bei Kaub liegt bei 38 cm. Tanker fahren mit einem Viertel der Ladung, "
         "zwei "
         "Raffinerien drosseln. Tankstellen auf dem Land sind teils leer, Diesel für Rettungswagen "
         "ist bis "
         "Dienstag gesichert. Wir bitten um Freigabe der Reserve und um Ausnahmen vom "
         "Sonntagsfahrverbot.",
         "In der Klinik sind neun Patienten an Legionellen erkrankt, zwei von ihnen beatmet. Die "
         "Duschen im "
         "Westflügel sind gesperrt, Filter werden eingebaut. Der Kühlturm der Brauerei nebenan "
         "wird "
         "beprobt. Das Labor braucht zehn Tage für die Kulturen; bis dahin gilt beides als "
         "möglich.",
         "Die Seilbahn steht seit 14.10 Uhr, in 22 Kabinen warten 90 Fahrgäste in bis zu 60 Metern "
         "Höhe. "
         "Wind lässt keinen Hubschrauber zu. Höhenretter seilen eine Kabine nach der anderen ab "
         "und "
         "brauchen je zwölf Minuten. Decken und Tee stehen an der Talstation. Niemand ist in "
         "Lebensgefahr, einige frieren.",
     }},
    {"en",
     {
         "Bird flu has been found on a turkey farm. Nobody may move poultry, eggs or litter within "
         "ten "
         "kilometres, and walkers should keep dogs away from the reservoir. Culling starts at dawn "
         "and "
         "takes two days. Five farmhands are taking antivirals; none of them has a cough or fever.",
         "Ransomware has locked the council's machines. Benefits due on Friday may be late and the "
         "registry office is writing births by hand. The attackers want forty bitcoin and will not "
         "get "
         "it. Backups from Tuesday look clean, but restoring them takes the best part of a week. "
         "Do not "
         "open mail from that domain.",
         "Divers found a wartime torpedo beside the ferry pier. The navy will tow it out at slack "
         "water "
         "and blow it up off the sandbank. Sailings are cancelled until noon, anglers are being "
         "turned "
         "back, and the beach cafés should be empty by six. It has lain there for eighty years, so "
         "there "
         "is no rush.",
         "Two samples from the hilltop tank show coliforms. About 7,000 households should boil "
         "water for "
         "drinking and brushing teeth. Dialysis clinics have been phoned. A cracked hatch let rain "
         "in "
         "after Sunday's thunderstorm; divers are sealing it. The next laboratory result is due on "
         "Wednesday evening.",
         "A hiker aged 64 has not come down from the ridge. Her car is still at the trailhead and "
         "her "
         "phone last answered at ten past three. Dogs, a drone and the mountain rescue team are "
         "walking "
         "the gullies before the fog returns. She wears a purple anorak and takes pills for her "
         "heart.",
         "The lock gate jumped off its hinge after a barge rammed it. Forty vessels are queueing "
         "on both "
         "sides and the pound has dropped by sixty centimetres. A floating crane is coming from "
         "the "
         "coast and will not arrive before Thursday. The skipper failed a breath test and is in "
         "custody.",
         "Eleven teenagers collapsed at the concert after taking pink tablets stamped with a "
         "crown. Three "
         "are in intensive care. The headliner will finish early, and shuttle coaches run till two "
         "so "
         "that nobody drives. Please tell other festivals this weekend: the tablets are four times "
         "as "
         "strong as usual.",
         "After nine weeks without rain the river is too low and too warm for the steelworks to "
         "draw from. "
         "Blue-green algae have closed three bathing lakes and killed two dogs. Growers may not "
         "irrigate "
         "from the brook until further orders. The fish ladder is dry; volunteers are carrying "
         "eels "
         "upstream in buckets.",
         "Prison officers walked out at seven this morning. Constables are guarding the wall and "
         "handing "
         "out meals, and no inmate will be taken to court today. Fourteen men on C wing refuse to "
         "go back "
         "to their cells. Talks with the union resume at eight tonight. The governor asks for "
         "twenty more "
         "staff.",
         "A hole six metres wide has opened in the high street, above an old chalk mine. A "
         "delivery van "
         "hangs over the edge; its driver climbed out unhurt. Eighteen shops are shut and a "
         "geologist "
         "measures the crack every hour. Trams turn round at the cathedral. The gas board has cut "
         "off the "
         "block.",
     }},
};

#endif
