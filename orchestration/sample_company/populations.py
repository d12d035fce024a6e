"""The populations that the sample company's customers come from: names, towns, phone ranges.

Belongs here: short lists of common names, streets and towns for each country, written for this project,
and the shape of postcodes and mobile numbers. Does not belong here: anything drawn at random
(`facts/`) and how sources misspell these values (`noise.py`).

The lists are ordered from frequent to rare; `facts/names.py` turns the rank into a frequency.
"""

from orchestration.sample_company.population import Population, listed
from orchestration.sample_company.populations_of_other_scripts import GREECE, TURKEY, UKRAINE, VIET_NAM

_BRITISH_TAIL_STEMS = listed(
    "Ash, Whit, Thorn, Brad, Hart, Wood, Lang, Stan, Hol, Mar, Ray, Cross, East, Nor, Har, "
    "Wake, Brom, Lin, Pen, Hay, Wal, Bur, Cran, Dun, Elm, Fair, Gran, Hazel, Kirk, Lock"
)
_BRITISH_TAIL_ENDS = listed(
    "ford, well, by, ley, ton, combe, worth, field, wick, ham, more, bridge, stead, croft, gate"
)

GREAT_BRITAIN = Population(
    country_code="GB",
    share=0.66,
    female_names=listed(
        "Susan, Margaret, Sarah, Emma, Olivia, Karen, Emily, Jessica, Helen, Claire, Patricia, "
        "Amelia, Julie, Laura, Rachel, Charlotte, Sophie, Rebecca, Elizabeth, Jane, Alison, "
        "Hannah, Lucy, Grace, Amy, Nicola, Joanne, Victoria, Lauren, Catherine, Ruth, Chloe, "
        "Fatima, Priya, Aisha, Megan, Isla, Poppy, Daisy, Heather, Gillian, Maureen, Eleanor, "
        "Zoe, Freya, Harriet, Anita, Bethany, Georgia, Imogen, Nadia, Rosie, Stella, Tamsin"
    ),
    male_names=listed(
        "David, John, James, Paul, Andrew, Mark, Michael, Thomas, Peter, Daniel, Robert, "
        "Matthew, Richard, Christopher, Stephen, Jack, William, Oliver, George, Simon, Harry, "
        "Ian, Alan, Mohammed, Luke, Adam, Benjamin, Jonathan, Kevin, Graham, Ryan, Joseph, "
        "Samuel, Edward, Colin, Gareth, Imran, Arjun, Nathan, Neil, Callum, Stuart, Kieran, "
        "Rhys, Alfie, Dominic, Ewan, Hugh, Leon, Martin, Nigel, Rory, Toby, Victor"
    ),
    surnames=listed(
        "Smith, Jones, Taylor, Williams, Brown, Davies, Evans, Wilson, Thomas, Roberts, "
        "Johnson, Lewis, Walker, Robinson, Wood, Thompson, White, Watson, Jackson, Wright, "
        "Green, Harris, Cooper, King, Lee, Martin, Clarke, James, Morgan, Hughes, Edwards, "
        "Hill, Moore, Clark, Harrison, Scott, Young, Morris, Hall, Ward, Turner, Carter, "
        "Phillips, Mitchell, Patel, Adams, Campbell, Anderson, Allen, Cook, Khan, Bailey, "
        "Parker, Miller, Davis, Murphy, Price, Bell, Baker, Griffiths, Kelly, Simpson, "
        "Marshall, Collins, Bennett, Cox, Richardson, Fox, Gray, Rose, Chapman, Hunt, "
        "Robertson, Shaw, Reynolds, Lloyd, Ellis, Richards, Russell, Wilkinson, Graham, "
        "Stewart, Reid, Murray, Powell, Palmer, Holmes, Rogers, Stevens, Walsh, Hunter, "
        "Thomson, Matthews, Ross, Owen, Mason, Knight, Kennedy, Butler, Saunders, Singh, "
        "Ahmed, Hussain, Begum, MacDonald, McKenzie, O'Neill, Fraser, Duncan, Sinclair"
    ),
    surname_tail_share=0.35,
    surname_tail=tuple(stem + end for stem in _BRITISH_TAIL_STEMS for end in _BRITISH_TAIL_ENDS if stem != end),
    towns=listed(
        "London, Birmingham, Manchester, Leeds, Glasgow, Sheffield, Bradford, Liverpool, "
        "Edinburgh, Bristol, Cardiff, Leicester, Coventry, Nottingham, Belfast, "
        "Newcastle upon Tyne, Southampton, Plymouth, Derby, York, Norwich, Exeter, Bath, Oxford"
    ),
    postcode_prefixes=listed(
        "SW, B, M, LS, G, S, BD, L, EH, BS, CF, LE, CV, NG, BT, NE, SO, PL, DE, YO, NR, EX, BA, OX"
    ),
    postcode_pattern="*# #@@",
    dialling_code="44",
    trunk_prefix="0",
    mobile_prefix="73",
    mobile_digits=8,
    spellings=("United Kingdom", "UK", "England", "Great Britain", "uk", "U.K."),
    language="en-GB",
    streets=listed(
        "High Street, Station Road, Church Lane, Mill Lane, Victoria Road, Orchard Close, Park Avenue, Queens Road, "
        "Manor Drive, The Green, Chapel Street, Kingsway, Meadow View, Bridge Street, Elm Grove, Hill Rise"
    ),
    is_number_first=True,
)

IRELAND = Population(
    country_code="IE",
    share=0.06,
    female_names=listed(
        "Mary, Aoife, Ciara, Sinéad, Niamh, Siobhán, Anne, Margaret, Orla, Róisín, Emma, "
        "Gráinne, Deirdre, Caoimhe, Bríd, Sarah, Kate, Nuala, Fionnuala, Eimear"
    ),
    male_names=listed(
        "Seán, Patrick, John, Michael, Conor, Liam, Ciarán, Eoin, Declan, Brendan, Cillian, "
        "Darragh, Pádraig, Donal, Niall, Oisín, Fergal, Colm, Rónán, Tadhg"
    ),
    surnames=listed(
        "Murphy, Kelly, O'Sullivan, Walsh, Smith, O'Brien, Byrne, Ryan, O'Connor, O'Neill, "
        "O'Reilly, Doyle, McCarthy, Gallagher, Doherty, Kennedy, Lynch, Murray, Quinn, Moore, "
        "McLoughlin, O'Carroll, Connolly, Daly, Wilson, Dunne, Brennan, Burke, Collins, Clarke, "
        "Fitzgerald, Nolan, Flynn, Whelan, Keane, Hogan, O'Dwyer, MacNamara, Geoghegan, Tierney"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Dublin, Cork, Limerick, Galway, Waterford, Drogheda, Dundalk, Sligo"),
    postcode_prefixes=listed("D0, T1, V9, H9, X9, A9, A9, F9"),
    postcode_pattern="*# @#@#",
    dialling_code="353",
    trunk_prefix="0",
    mobile_prefix="87",
    mobile_digits=7,
    spellings=("Ireland", "EIRE", "Eire", "Republic of Ireland", "ireland"),
    language="en-IE",
    streets=listed(
        "Main Street, Bridge Street, Abbey Road, Church Hill, Strand Road, Castle Street, Mill Road, Chapel Lane"
    ),
    is_number_first=True,
)

GERMANY = Population(
    country_code="DE",
    share=0.05,
    female_names=listed(
        "Anna, Sabine, Julia, Petra, Katharina, Claudia, Lena, Monika, Jutta, Susanne, "
        "Lea, Birgit, Käthe, Heike, Marlene, Franziska, Ulrike, Ingrid, Nele, Sophie"
    ),
    male_names=listed(
        "Thomas, Michael, Andreas, Peter, Jürgen, Stefan, Lukas, Wolfgang, Jörg, Klaus, "
        "Björn, Hans, Felix, Uwe, Günter, Matthias, Sebastian, Dieter, Jonas, Karl-Heinz"
    ),
    surnames=listed(
        "Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, "
        "Schäfer, Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, "
        "Braun, Krüger, Hofmann, Hartmann, Lange, Schmitt, Werner, Krause, Meier, Lehmann, "
        "Köhler, Groß, Weiß, von Stein, Jäger, Böhm, Vogt, Strauß, Günther, zu Rhein"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Berlin, Hamburg, München, Köln, Frankfurt am Main, Stuttgart, Leipzig, Lübeck"),
    postcode_prefixes=listed("10, 20, 80, 50, 60, 70, 04, 23"),
    postcode_pattern="*###",
    dialling_code="49",
    trunk_prefix="0",
    mobile_prefix="1511",
    mobile_digits=7,
    spellings=("Germany", "Deutschland", "germany", "DEUTSCHLAND"),
    language="de",
    streets=listed(
        "Hauptstraße, Bahnhofstraße, Gartenweg, Schulstraße, Lindenallee, Mühlenweg, Am Markt, Bergstraße, "
        "Kirchgasse, Rosenweg"
    ),
)

FRANCE = Population(
    country_code="FR",
    share=0.05,
    female_names=listed(
        "Marie, Nathalie, Isabelle, Camille, Sylvie, Chloé, Hélène, Catherine, Léa, Françoise, "
        "Manon, Céline, Élodie, Amélie, Zoé, Brigitte, Anne-Sophie, Margaux, Aurélie, Inès"
    ),
    male_names=listed(
        "Jean, Pierre, Michel, Nicolas, Philippe, Lucas, Hugo, Jean-Luc, François, Alain, "
        "Julien, Théo, Stéphane, Jérôme, Antoine, Benoît, Raphaël, Olivier, Gaël, Mathieu"
    ),
    surnames=listed(
        "Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Dubois, Moreau, Laurent, "
        "Simon, Michel, Lefèvre, Leroy, Roux, David, Bertrand, Morel, Fournier, Girard, Bonnet, "
        "Dupont, Lambert, Fontaine, Rousseau, Vincent, Faure, André, Mercier, Blanc, Guérin, "
        "Boyer, Garnier, Chevalier, François, Legrand, Gauthier, de la Tour, d'Arcy, Bœuf"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Paris, Marseille, Lyon, Toulouse, Nice, Nantes, Saint-Étienne, Besançon"),
    postcode_prefixes=listed("75, 13, 69, 31, 06, 44, 42, 25"),
    postcode_pattern="*###",
    dialling_code="33",
    trunk_prefix="0",
    mobile_prefix="61",
    mobile_digits=7,
    spellings=("France", "FRANCE", "france", "FRA"),
    language="fr",
    streets=listed(
        "rue de la Gare, rue des Écoles, avenue Victor, rue du Moulin, place du Marché, rue des Lilas, "
        "chemin Vert, boulevard du Midi"
    ),
    is_number_first=True,
)

NETHERLANDS = Population(
    country_code="NL",
    share=0.03,
    female_names=listed("Maria, Anna, Johanna, Sanne, Emma, Lotte, Femke, Marijke, Anouk, Ingrid, Fleur, Sophie"),
    male_names=listed("Jan, Johannes, Daan, Pieter, Sem, Willem, Bram, Sander, Joost, Maarten, Thijs, Kees"),
    surnames=listed(
        "de Jong, Jansen, de Vries, van den Berg, Bakker, van Dijk, Visser, Janssen, Smit, "
        "Meijer, de Boer, Mulder, de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, "
        "Brouwer, de Wit, Dijkstra, van der Meer, Kok, Jacobs, van 't Hoff, Vermeulen, Prins"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Amsterdam, Rotterdam, Den Haag, Utrecht, Eindhoven, Groningen"),
    postcode_prefixes=listed("10, 30, 25, 35, 56, 97"),
    postcode_pattern="*## @@",
    dialling_code="31",
    trunk_prefix="0",
    mobile_prefix="61",
    mobile_digits=7,
    spellings=("Netherlands", "The Netherlands", "Holland", "Nederland"),
    language="nl",
    streets=listed(
        "Dorpsstraat, Kerkstraat, Molenweg, Schoolstraat, Stationsweg, Julianalaan, Beukenlaan, Havenstraat"
    ),
)

SPAIN = Population(
    country_code="ES",
    share=0.03,
    female_names=listed("María, Carmen, Ana, Lucía, Isabel, Paula, Begoña, Pilar, Sofía, Núria, Elena, Rocío"),
    male_names=listed("Antonio, José, Manuel, Javier, David, Carlos, Íñigo, Pablo, Álvaro, Jesús, Sergio, Andrés"),
    surnames=listed(
        "García, Rodríguez, González, Fernández, López, Martínez, Sánchez, Pérez, Gómez, Martín, "
        "Jiménez, Ruiz, Hernández, Díaz, Moreno, Muñoz, Álvarez, Romero, Alonso, Gutiérrez, "
        "Navarro, Torres, Domínguez, Vázquez, Ibáñez, Núñez, de la Fuente, Castaño"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Madrid, Barcelona, Valencia, Sevilla, Málaga, A Coruña"),
    postcode_prefixes=listed("28, 08, 46, 41, 29, 15"),
    postcode_pattern="*###",
    dialling_code="34",
    trunk_prefix="",
    mobile_prefix="61",
    mobile_digits=7,
    spellings=("Spain", "España", "SPAIN", "spain"),
    language="es",
    streets=listed(
        "Calle Mayor, Calle Real, Avenida de la Constitución, Plaza de España, Calle del Sol, Calle Nueva, "
        "Paseo Marítimo, Calle de la Iglesia"
    ),
)

POLAND = Population(
    country_code="PL",
    share=0.03,
    female_names=listed("Anna, Katarzyna, Małgorzata, Agnieszka, Zofia, Elżbieta, Joanna, Łucja, Ewa, Bożena"),
    male_names=listed("Piotr, Krzysztof, Andrzej, Tomasz, Paweł, Michał, Łukasz, Stanisław, Jakub, Grzegorz"),
    surnames=listed(
        "Nowak, Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, "
        "Szymański, Woźniak, Dąbrowski, Kozłowski, Mazur, Jankowski, Kwiatkowski, Krawczyk, "
        "Grabowski, Pawłowski, Michalski, Król, Wieczorek, Jabłoński, Wróbel, Gołąb, Żak, Źrebiec"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Warszawa, Kraków, Łódź, Wrocław, Poznań, Gdańsk"),
    postcode_prefixes=listed("00, 30, 90, 50, 60, 80"),
    postcode_pattern="*-###",
    dialling_code="48",
    trunk_prefix="",
    mobile_prefix="50",
    mobile_digits=7,
    spellings=("Poland", "Polska", "POLAND", "poland"),
    language="pl",
    streets=listed(
        "ulica Polna, ulica Leśna, ulica Słoneczna, ulica Krótka, ulica Szkolna, ulica Ogrodowa, ulica Lipowa, "
        "ulica Łąkowa"
    ),
    feminine_surnames=listed(
        "Nowak, Kowalska, Wiśniewska, Wójcik, Kowalczyk, Kamińska, Lewandowska, Zielińska, "
        "Szymańska, Woźniak, Dąbrowska, Kozłowska, Mazur, Jankowska, Kwiatkowska, Krawczyk, "
        "Grabowska, Pawłowska, Michalska, Król, Wieczorek, Jabłońska, Wróbel, Gołąb, Żak, Źrebiec"
    ),
    in_britain_share=0.4,
)

POPULATIONS = (
    GREAT_BRITAIN,
    IRELAND,
    GERMANY,
    FRANCE,
    NETHERLANDS,
    SPAIN,
    POLAND,
    GREECE,
    UKRAINE,
    TURKEY,
    VIET_NAM,
)
