/**
 * Common given names of the larger languages, without accents, in small letters. Left out are those that are also words of
 * medicine or of everyday language (Iris, Rose, Mark, Amber, Max, Ana). No such list is complete: that no name is found proves
 * nothing.
 */
export const GIVEN_NAMES: readonly string[] = `
aaron abdul abdullah abigail adam adele adrian agnes agnieszka ahmad ahmed aisha akira alan albert alberto alejandro
aleksandr alessandro alexander alexandra alexei alexey alfred ali alice alicia alina allison alyssa amanda amelia
amina amir amit amy anastasia anders andrea andreas andrei andres andrew angelika anita anja anjali ann anna anne
annette annie anthony antoine anton antonia antonio arjun arnold arthur arturo asha ashley astrid audrey axelle ayesha
barbara beatrice beatriz benedikt benjamin bernard bernd bernhard bettina betty beverly birgit bjorn bogdan boris
brandon brenda brian brigitte bruno bryan camille carla carlos carmen carolina caroline carolyn catherine cecile
celine charles charlotte cheryl chiara chloe christa christian christiane christina christine christoph christophe
christopher cindy claire clara claude claudia claudio clemens clement colleen connor cornelia cristina cynthia daniel
daniela danielle darya david deborah deepak delphine denis denise dennis diana diane diego dieter dietrich dimitri
dmitri dmitry dominik donald donna dorothy douglas dylan eduardo edward edwin eileen ekaterina elaine elena eleni elif
elisa elisabeth elise elizabeth ella ellen elsa emily emma emmanuel enrique eric erich erik erika erin ernst ester
esther ethan eugene eva evelyn fabian fatima fatma federico felipe felix ferdinand fernando filip florian francesca
francesco francisco francois franz franziska frederic friedrich fritz gabriel gabriela gabriele gabrielle galina georg
george gerald gerard gerd gerhard gertrud giovanni gisela giulia giuseppe gonzalo grzegorz guillaume guillermo gunter
gustav hanna hannah hannes hans harald harold harry hassan heather hector heidi heike heinrich heinz helen helena
helene helga helmut henri henrik henry herbert hermann hiroshi holger horst hugo hussein ibrahim igor ines inga
ingeborg ingo ingrid irene irina irmgard isaac isabel isabella isabelle ivan jack jackson jacob jacqueline jacques
jakob jakub james jamie jane janet janice janina jasmin jason javier jean jeanne jeff jeffrey jennifer jeremy jerome
jerry jesse jessica jesus joachim joan joanna joao jochen joe joel johan johann johanna johannes john jonas jonathan
jorge jose josef joseph joshua juan juana juanita judith judy julia julian juliane julie julien jurgen justin justyna
kai karen karin karl karolina katarzyna kate katharina katherine kathleen kathrin kathryn kathy katja katrin kayla
keith kelly kenji kenneth kevin khaled kimberly kirsten klaus konstantin krishna kristen kristin krzysztof kumar kurt
kyle larry lars laura lauren laurent lea leah leila lena leonard leonie leslie lieselotte linda lisa lisbeth logan
lorenzo louis louise luca lucas lucia luigi luis luisa lukas luke lydia magdalena mahmoud manfred manuel manuela
marcel marcin marco marcos marek margaret margarete margarita margot maria mariam mariana marianne marie marilyn
marina mario marion marius markus marlene marta martha martin martina mary maryam masha mateo matthew matthias
matthieu maurice maximilian megan mehmet melanie melissa mia michael michaela michal michel michele michelle miguel
mikhail milan miriam mohamed mohammad mohammed monica monika monique muhammad mustafa nadia nadine nadja nancy natalia
natalie natasha nathalie nathan nathaniel neha nicholas nicola nicolas nicole niklas nikolai nikolaus nils nina noah
nora norbert olaf oleg olga oliver olivia olivier omar oscar oskar otto pablo pamela paola paolo pascal patricia
patrick patrizia paul paula paulina pauline pavel pawel pedro peggy peter petra philip philipp philippe pierre piotr
priya rachel rafael rainer rajesh ralf ralph ramon raquel rashid raul raymond rebecca reinhard renate rene ricardo
riccardo richard rita robert roberto roger roland rolf ronald rosa rosemarie roy rudolf russell ruth ryan sabine
sabrina saleh samantha samuel sandra sandrine sanjay santiago sara sarah sascha scott sean sebastian sergei sergey
sergio sharon shirley silke silvia simon simone sofia sonja sophia sophie stefan stefanie steffen stephan stephanie
stephen steven susan susanne suzanne sven svetlana sylvia sylvie takashi tamara tanja tatiana tatjana teresa theodor
theresa thierry thomas thorsten tiffany tim timothy tobias todd tomasz torsten tyler ulrich ulrike ursula uwe
valentina valerie vanessa vera veronica veronika victor victoria viktor vincent virginia vladimir volker walter
waltraud wanda werner wilhelm william wolfgang yasmin yasmine yolanda youssef yuki yulia yuri yusuf yvonne zachary zoe
zofia
`
  .trim()
  .split(/\s+/);
