"""What a document says of its own, from the answer to the risk, in Danish and English.

Headings are those of Danish committee papers (City of Copenhagen, Økonomiudvalget, 2025:
Indstilling, Problemstilling, Løsning, Økonomi), with risk, follow-up and assumptions of their own.
`{name}` stands for a figure or a text of the case.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.words import Words

HEADINGS: Mapping[str, Words] = {
    "recommendation": Words(da="Indstilling", en="Recommendation"),
    "problem": Words(da="Problemstilling", en="The problem"),
    "solution": Words(da="Løsning", en="The solution"),
    "economy": Words(da="Økonomi", en="Economy"),
    "risk": Words(da="Risiko", en="Risk"),
    "follow_up": Words(da="Opfølgning", en="Follow-up"),
    "assumptions": Words(da="Forudsætninger", en="Assumptions"),
}
"""Headings in order."""

FRONT: Mapping[str, Words] = {
    "subtitle": Words(
        da="{authority}: sagsfremstilling om en social resultatkontrakt (udkast)",
        en="{authority}: paper on a social outcome contract (draft)",
    ),
    "box": Words(da="Svaret kort", en="The answer in short"),
    "contents": Words(da="Indhold", en="Contents"),
    "sure": Words(
        da="Hvor sikkert er det? Beregnet med {draws} simulerede forløb. {assumed} af de {figures} "
        "tal, som casen bygger på, er antagelser; {published} er læst i en kilde. Gennemsnittet "
        "af nettoresultatet er beregnet med en statistisk usikkerhed på {error} (en standardfejl); "
        "spredningen i tabellen viser usikkerheden om forudsætningerne.",
        en="How sure is that? Based on {draws} simulations. {assumed} of the {figures} figures "
        "that the case rests on are assumptions; {published} were read in a source. The mean of "
        "the net result is worked out with a statistical error of {error} (one standard error); "
        "the spread in the table shows how unsure the assumptions are.",
    ),
    "sure.base": Words(
        da="Hvor sikkert er det? Base casen er ét forløb, hvor hver størrelse har sin "
        "base-værdi og intet er tilfældigt; den siger intet om risiko. {assumed} af de {figures} "
        "tal, som casen bygger på, er antagelser; {published} er læst i en kilde.",
        en="How sure is that? In the base case every quantity has its base "
        "value and nothing is left to chance; it says nothing about risk. {assumed} of the "
        "{figures} figures that the case rests on are assumptions; {published} were read in a "
        "source.",
    ),
    "few draws": Words(
        da="Beregningen har kun {draws} forløb; sandsynligheder er grove.",
        en="The run has only {draws} simulations; probabilities are rough.",
    ),
    "legend": Words(
        da="Et forløb er én mulig udgang af kontrakten, trukket af simuleringen. Tal i kursiv er "
        "fra base casen, hvor hver størrelse har sin base-værdi, og kan regnes efter i "
        "hånden; andre beregnede tal er fra simuleringen. Beløb er i løbende priser, hvor intet "
        "andet står.",
        en="A simulation is one way in which the contract may go, drawn at random. Figures in "
        "italics are of the base case, in which every quantity has its base value, and can be "
        "worked out by hand; other figures that were worked out are of the simulation. Amounts "
        "are in current prices where nothing else is said.",
    ),
    "legend.base": Words(
        da="Alle beregnede tal er fra base casen. Beløb er i løbende priser, hvor intet andet "
        "står.",
        en="All figures that were worked out are of the base case. Amounts are in current prices "
        "where nothing else is said.",
    ),
    "key figures": Words(da="Nøgletal", en="Key figures"),
    "figure": Words(da="nøgletal", en="figure"),
    "base": Words(da="base case", en="base case"),
    "mean": Words(da="gennemsnit", en="mean"),
    "median": Words(da="median", en="median"),
    "never": Words(da="ikke inden udløb", en="not within the case"),
    "none": Words(da="-", en="-"),
    "quantiles": Words(
        da="5 %, median og 95 %: værdien, som 5, 50 og 95 % af forløbene ligger under. Renter og "
        "årstal har intet gennemsnit.",
        en="5 %, median and 95 %: the value that 5, 50 and 95 % of simulations lie below. Rates "
        "and years have no mean.",
    ),
}
"""The title, the answer and how sure it is."""

RECOMMENDATION: Mapping[str, Words] = {
    "draft": Words(
        da="Udkast. Hvad der indstilles, afgør forvaltningen og udvalget.",
        en="Draft. What is recommended is for the administration and the committee to decide.",
    ),
    "start": Words(
        da="Det indstilles, at {committee} tager stilling til:",
        en="It is recommended that {committee} decide:",
    ),
    "the committee": Words(da="udvalget", en="the committee"),
    "contract": Words(
        da="om {authority} skal indgå en resultatkontrakt, hvor {investors} stiller op til "
        "{committed} til rådighed i {first}-{last};",
        en="whether {authority} should enter into an outcome contract with up to {committed} from "
        "{investors} in {first}-{last};",
    ),
    "ceiling": Words(
        da="om {payers} skal forpligte sig til at betale for resultater, i alt højst {cap} og "
        "senest {date};",
        en="whether {payers} should commit to paying for outcomes, at most {cap} in all and by "
        "{date};",
    ),
    "no ceiling": Words(
        da="om {payers} skal forpligte sig til at betale for resultater senest {date}, uden et "
        "loft over det hele;",
        en="whether {payers} should commit to paying for outcomes by {date}, without a ceiling on "
        "the whole;",
    ),
    "set aside": Words(
        da="om der skal afsættes {amount} til betalingerne, som rækker i 9 af 10 forløb "
        "({prices});",
        en="whether to set aside {amount} for the payments, which suffices in 9 of 10 simulations "
        "({prices});",
    ),
    "set aside.sure": Words(
        da="om der skal afsættes {amount} til betalingerne, som rækker i mindst 99 af 100 forløb "
        "({prices});",
        en="whether to set aside {amount} for the payments, which suffices in at least 99 of 100 "
        "simulations ({prices});",
    ),
    "set aside.base": Words(
        da="om der skal afsættes {amount} til betalingerne, som de er i base casen;",
        en="whether to set aside {amount} for the payments, as they are in the base case;",
    ),
    "savings": Words(
        da="om de besparelser, som afsnittet Økonomi viser, skal tages ud af budgettet i de år, "
        "hvor de falder;",
        en="whether the savings that the section Economy shows should be taken out of the budget "
        "in the years in which they fall;",
    ),
    "follow": Words(
        da="hvem der følger op, og hvornår, jf. afsnittet Opfølgning.",
        en="who follows up, and when, as the section Follow-up says.",
    ),
    "for and against": Words(
        da="Hvad tallene siger:",
        en="What the figures say:",
    ),
    "net gain": Words(
        da="Nettoresultatet for {authority} er {base} i base casen: økonomien taler for.",
        en="The net result of {authority} is {base} in the base case: the finances speak for it.",
    ),
    "net loss": Words(
        da="Nettoresultatet for {authority} er {base} i base casen: økonomien alene taler imod; "
        "det, der opnås for borgerne, skal være pengene værd.",
        en="The net result of {authority} is {base} in the base case: the finances alone speak "
        "against it; what is achieved for citizens has to be worth the money.",
    ),
    "chance": Words(
        da="Det er nul eller bedre {often} ({share}); i gennemsnit er det {mean}.",
        en="It is zero or better {often} ({share}); on average it is {mean}.",
    ),
    "turn": Words(
        da="Hver af disse størrelser kan alene vende fortegnet i base casen:",
        en="Each of these quantities can turn the sign of the base case on its own:",
    ),
    "turns": Words(
        da="{quantity}: ved {value} i stedet for {base}{unit} bliver nettoresultatet {net}.",
        en="{quantity}: at {value} instead of {base}{unit} the net result is {net}.",
    ),
    "nothing turns": Words(
        da="Ingen enkelt usikker størrelse vender fortegnet, når den alene går fra lav til høj.",
        en="No single uncertain quantity turns the sign when it alone goes from low to high.",
    ),
}
"""What is to be decided."""

CONTENT: Mapping[str, Words] = {
    "group": Words(da="Målgruppen: {group}.", en="The target group: {group}."),
    "size": Words(da="Planen er, at {size} starter.", en="The plan is that {size} start."),
    "people": Words(da="{size} personer", en="{size} people"),
    "intervention": Words(da="Indsatsen: {name}.", en="The intervention: {name}."),
    "delivered": Words(
        da="Den varer {months} måneder for hver deltager og leveres af {provider}.",
        en="It lasts {months} months for each participant and is delivered by {provider}.",
    ),
    "cohorts": Words(da="Hold", en="Cohorts"),
    "cohort": Words(da="hold", en="cohort"),
    "start": Words(da="start", en="start"),
    "share": Words(da="andel", en="share"),
    "planned": Words(da="planlagte deltagere", en="planned participants"),
    "payments": Words(da="Hvad der betales for", en="What is paid for"),
    "costs": Words(
        da="Hvad indsatsen koster, {priced}, løbende priser",
        en="What the service costs, {priced}, current prices",
    ),
    "priced": Words(da="gennemsnit af {draws} forløb", en="mean of {draws} simulations"),
    "priced.base": Words(da="base casen", en="base case"),
    "cost": Words(da="udgift", en="cost"),
    "paid by": Words(da="betales af", en="paid by"),
    "the capital": Words(da="kapitalen", en="the capital"),
    "amount": Words(da="i alt", en="in all"),
    "total": Words(da="i alt", en="total"),
    "per participant": Words(da="pr. deltager", en="per participant"),
    "contract": Words(da="Kontrakten i øvrigt:", en="The rest of the contract:"),
}
"""The problem and the solution."""

ECONOMY: Mapping[str, Words] = {
    "means": Words(
        da="Tabellerne viser gennemsnit af {draws} forløb.",
        en="The tables show means of {draws} simulations.",
    ),
    "means.base": Words(da="Tabellerne viser base casen.", en="The tables show the base case."),
    "form note": Words(
        da="Her er udgifter positive, som i budgetter; nedenfor er gevinster positive.",
        en="Expenses are positive here, as in budgets; below, gains are positive.",
    ),
    "form": Words(
        da="Budgetvirkning for {party} i Københavns Kommunes opstilling. {caption}",
        en="Effect on the budget of {party} in the form of the City of Copenhagen. {caption}",
    ),
    "payback": Words(
        da="Regnet på gennemsnittet er investeringen tjent hjem fra udgangen af {year}.",
        en="On the mean, the investment has paid itself back from the end of {year}.",
    ),
    "never short": Words(
        da="Regnet på gennemsnittet er der ikke minus ved udgangen af noget år.",
        en="On the mean, nothing is below zero at the end of any year.",
    ),
    "never short.base": Words(
        da="I base casen er der ikke minus ved udgangen af noget år.",
        en="In the base case nothing is below zero at the end of any year.",
    ),
    "no payback": Words(
        da="Regnet på gennemsnittet er investeringen ikke tjent hjem inden udgangen af {year}.",
        en="On the mean, the investment has not paid itself back by the end of {year}.",
    ),
    "payback.base": Words(
        da="I base casen er investeringen tjent hjem fra udgangen af {year}.",
        en="In the base case the investment has paid itself back from the end of {year}.",
    ),
    "no payback.base": Words(
        da="I base casen er investeringen ikke tjent hjem inden udgangen af {year}.",
        en="In the base case the investment has not paid itself back by the end of {year}.",
    ),
    "totals": Words(
        da="Hvor meget nettoresultatet for {party} svinger. {caption}",
        en="How much the net result of {party} varies. {caption}",
    ),
    "who": Words(
        da="Hvem vinder, og hvem betaler. {caption}", en="Who gains and who pays. {caption}"
    ),
    "who note": Words(
        da="Investorer står efter deres egne omkostninger, som svaret ovenfor ikke trækker fra.",
        en="Investors stand after their own costs, which the answer above does not deduct.",
    ),
    "who held back": Words(
        da="Besparelser står brutto; det, som ingen kan tage ud af et budget, står under som et "
        "fradrag.",
        en="Savings stand gross; what nobody can take out of a budget stands below as a deduction.",
    ),
    "ceiling": Words(
        da="Råderum under serviceloftet, år for år. {caption}",
        en="Room under the service ceiling, year by year. {caption}",
    ),
    "ceiling note": Words(
        da="En besparelse på overførsler giver ikke plads under serviceloftet. Hvor meget råderum "
        "der er uden kontrakten, indgår ikke.",
        en="A saving on transfers makes no room under the service ceiling. How much room there is "
        "without the contract is not part of this.",
    ),
    "committees": Words(
        da="Nettoresultat pr. udvalg. {caption}", en="Net result by committee. {caption}"
    ),
    "own money": Words(
        da="Om det er dyrere at bruge kontrakten end kommunens egne penge, indgår ikke her; det "
        "kræver en beregning for sig.",
        en="Whether the contract is dearer than the municipality's own money is not part of this; "
        "it takes a calculation of its own.",
    ),
    "who picture": Words(
        da="Hvem vinder, og hvem betaler, år for år", en="Who gains and who pays, year by year"
    ),
    "prices": Words(
        da="De er i faste priser. I løbende priser, som i svaret ovenfor, er "
        "nettoresultatet for {party} {net} i gennemsnit og negativt i {share} af forløbene.",
        en="They are in fixed prices. In current prices, as in the answer above, the net "
        "result of {party} is {net} on average and negative in {share} of simulations.",
    ),
    "below": Words(da="risiko for underskud", en="chance of a deficit"),
    "no room": Words(da="risiko for mindre råderum", en="chance of less room"),
    "no room, cash": Words(
        da="risiko for mindre råderum, selv om der er penge i alt",
        en="chance of less room although there is cash",
    ),
}
"""Who saves what, and when."""
