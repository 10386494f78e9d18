"""Still more phrasing: issue titles, slang, mixed languages, reasons, polite detours, refusals.

Extends the tables of sentences.py and indirect.py; the same marks as there.
"""

from __future__ import annotations

import indirect as I
from sentences import (
    AFTER,
    BEFORE,
    BEFORE_ANY,
    CLONE,
    CLONE_FILE,
    CORE,
    DEFAULT,
    ENTRY_DICT,
    ENTRY_LIST,
    GUARD_PLAIN,
    GUARD_RAISE,
    NONE,
)

E, P = CORE["en"], CORE["pt"]
E["rename"] += [
    "spell {f} out: {new}", "spell out {f} as {new}", "[expand|abbreviate|shorten] {f} to {new}",
    "{f} is a [terrible|horrible|lousy|stupid|cryptic|weird|lazy] name for [this|that|it][, |; |. |: ][{new} please|call it {new}|make it {new}|{new} is fine]",
    "[why not call|how about calling|how about renaming] {f} {to}{new}?",
    "[nobody knows|no one knows|who knows] what {f} [is|does|means][, |; ][{new} says it better|call it {new}|{new} would be clear]",
    "[i'd rather see|i'd prefer|we'd rather have] {f} [spelled|written|called] {new}[ throughout the code| everywhere|]",
    "{f} as a name [says little|is poor|doesn't work][. |, |: ]{new}[, please|]",
    "Rename: {f} -> {new}", "[naming|style|nit|cleanup|chore]: {f} [should be|to|->] {new}",
    "s/{f}/{new}/", "{f} ~> {new}", "{f} must [carry|bear|have|get] the name {new}",
    "it should be {new}, not {f}", "{f} [deserves|wants|needs] a better name[: |, ]{new}",
    "give {f} a [better|clearer|nicer] name: {new}", "the [function|thing|symbol] now known as {f} should be {new}",
    "[we agreed|the team decided|they decided] [on|to use] {new} for {f}",
]  # fmt: skip
P["rename"] += [
    "{f} fica melhor como {new}", "{f} ficaria [melhor|mais claro] [como|se fosse] {new}",
    "[que tal|por que não] [chamar|renomear] {f} [de|para|pra] {new}?",
    "[ninguém sabe|ninguém entende] o que [é|faz] {f}[, |; |: ]{new} [diz melhor|fica claro|resolve]",
    "{f} é um [péssimo|horrível|lixo de|terrível] nome[ pra isso|][, |; |: ]{new} [por favor|seria melhor|resolve]",
    "[nit|estilo|faxina|limpeza]: {f} -> {new}", "[faz|fazer|dar] [um |]rename de {f} [pra|para] {new}",
    "[dá|da] um rename [em|no|na] {f}[: |, vira |, fica |pra ]{new}",
    "{f} merece um nome melhor[: |, ]{new}", "tem que ser {new}, não {f}", "escreve {f} por extenso: {new}",
    "[a gente|o time] [decidiu|combinou] [usar|chamar de] {new} [no lugar de|em vez de] {f}",
    "o nome {f} [tá|está] [ruim|errado|péssimo][, |; ][bota|põe|coloca|usa] {new}",
    "{f} [devia|tinha que|era pra] [ser|se chamar] {new}",
]  # fmt: skip
E["add_parameter"] += [
    "{f} [should|needs to|has to|must] know about {p}{t}{d}", "let {f} take a {p} [switch|flag|argument]{d}",
    "[new|extra] [flag|switch|option] [in|on|for] {f}: {p}{t}{d}", "{f}: new [flag|option|argument|param] {p}{t}{d}",
    "[support|accept|allow] [a|an] {p} [argument|parameter|option] in {f}{t}{d}",
    "{f} gains {p}{t}{d}", "could {f} [take|accept|get] [a|an] {p}[ too| as well|]{t}{d}?",
    "i keep wanting to pass {p}{t} to {f}[, add it|, please add that|]{d}", "[feat|feature|wish]: {p} [argument|parameter] for {f}{t}{d}",
    "[the|our] {f} call needs [one more|another] argument, {p}{t}{d}", "wire {p}{t} into {f} as a parameter{d}",
]  # fmt: skip
P["add_parameter"] += [
    "{of} [precisa saber|tem que saber] de {p}{t}{d}", "[nova|mais uma] [flag|opção] {p} {emf}{t}{d}",
    "[bota|põe|mete] [um|uma flag|um param] {p} {emf}{t}{d}", "{f}: [nova flag|novo param|novo argumento] {p}{t}{d}",
    "[aceite|aceita|permite] {p} {emf}[ como argumento| como parâmetro|]{t}{d}", "{of} podia [receber|ter|aceitar] {p}{t}{d}",
    "[queria|quero] poder [mandar|passar|escolher] {p} [quando chamo|ao chamar] {f}{t}{d}",
    "[adiciona|cria] o [param|arg|parâmetro] {p}{t}{d} lá {emf}", "[feat|melhoria]: {p} {emf}{t}{d}",
]  # fmt: skip
E["change_parameter"] += [
    "{v} [should be|is to be|must be] the [default|default value] [for|of] {p} in {f}", "default {p} in {f}: {v}",
    "{f} gives up too [early|late], {p} should default to {v}", "the {p} [argument|parameter] of {f} [now |]defaults to {v}",
    "{f} [waits|tries|runs|reads] with {p} {old}[, |; ][{v} is better|i want {v}|make that {v}] by default",
    "default {p} in {f}: {v} instead of {old}", "[tune|tweak] {f}: {p} {v} by default", "{p}={v} [by default|as default] in {f}[ please|]",
]  # fmt: skip
P["change_parameter"] += [
    "o [padrão|default] de {p} {emf} [passa a ser|vira|agora é|fica] {v}", "{v} [vira|passa a ser|deve ser] o [padrão|default] de {p} {emf}",
    "[bota|põe|deixa] {v} de [padrão|default] [no|em] {p} {df}", "o {p} padrão {df} é {v}", "[sobe|baixa|muda] o default de {p} {emf} pra {v}",
    "{f} com {p} {v} por [padrão|default]", "[default|padrão] de {p} {emf}: {v}", "o {p} [default|padrão] {df} [tá|está] [ruim|baixo|alto|errado], [põe|bota|coloca] {v}",
]  # fmt: skip
E["set_value"] += [
    "{f} takes {v} now", "[fix|correct] {f}[: |, ][{v}|it is {v}|should be {v}]", "[please |]update {f} accordingly: {v}",
    "{f} of {v}[ please| is what we want|]", "let's try {v} for {f}", "{f} is way too [low|high|short|long][, |; ][let's try|try|go for|use] {v}",
    "{f} -> {v}", "{f} := {v}", "[config|settings|chore]: {f} {v}", "{f} [counts|measures|reads|says] {v} now", "[we now|from now on we] [use|want|have] {v} [for|as|in] {f}",
    "[put|write] {v} [in|into] {f}",
]  # fmt: skip
P["set_value"] += [
    "{f} [vai pra|vai para|passa pra|sobe pra|cai pra] {v}", "[corrige|corrija|arruma] {f}[: |, ][{v}|é {v}|o certo é {v}]", "{f} de {v}[ por favor|]",
    "{f} tá [baixo|alto|curto|longo] demais[, |; ][tenta|bota|põe|usa] {v}", "{f} -> {v}", "[config|ajuste|chore]: {f} {v}",
    "[vamos de|vamos com|tenta] {v} em {f}", "agora [usamos|é|vale] {v} em {f}", "só a partir de {v}: {f}", "{f} só [a partir de|com|acima de] {v}",
    "{of} [tem que usar|usa|deve usar] {v}",
]  # fmt: skip
E["add_import"] += ["{f} [lacks|misses|needs] the import of {i} from {m}", "{f} can't see {i}, import it from {m}", "import {i} from {m} [at the top of|up in|inside] {f}"]  # fmt: skip
P["add_import"] += ["[falta|faltou] importar {i} de {m} em {f}", "{f} não [acha|enxerga] {i}, importa de {m}", "[precisamos|vamos precisar] de {i} de {m} [em|lá em] {f}"]  # fmt: skip
DEFAULT["en"] += [", on top of that {v} by default", ", {v} unless asked for", ", {v} being the default", " ({v} unless given)", ", default: {v}"]  # fmt: skip
DEFAULT["pt"] += [", {v} a menos que [peçam|venha]", ", com {v} sendo o padrão", " ({v} se não vier)", ", padrão: {v}", ", sem nada fica {v}"]  # fmt: skip
ENTRY_DICT["en"] += [
    "alias {k} stands for {v}, teach {c}", "there's one more in {c}: {k}, [labelled|named|worth|which is] {v}", "{k}, [labelled|i.e.|that is|meaning] {v}, is missing in {c}",
    "{c}[:|,] {k} should give {v}", "put {k} = {v} into {c}", "{k} costs {v}, [add it to|see] {c}", "[we open|we start|we ship] {k} at {v} as well, put it into {c}",
]  # fmt: skip
ENTRY_DICT["pt"] += [
    "adiciona o apelido {k} para {v} em {c}", "em {c} falta [o|a] {k}, que é {v}", "acrescenta {k} valendo {v} [em|nos|nas|no] {c}", "inclui {k} com o texto {v} em {c}",
    "[tem mais um|mais um] em {c}: {k}, [que é|com] {v}", "{c}: {k} [é|=|dá] {v}", "registra em {c} que {k} [é|vale] {v}",
]  # fmt: skip
ENTRY_LIST["en"] += [
    "{v} belongs in {c}", "there is a new one in {c}: {v}", "{c} also needs {v}", "{v} support: {c} needs it", "put {v} [on|into|onto] {c}", "one more for {c}: {v}",
    "add a new one called {v} to {c}", "export {v} via {c}", "[extend|grow] {c} by {v}",
]  # fmt: skip
ENTRY_LIST["pt"] += [
    "coloca [o|a] {v} junto dos outros de {c}", "agora atendemos {v}, inclui em {c}", "{c} também precisa de {v}", "{v} é mais um de {c}", "mais um em {c}: {v}", "mete {v} em {c}",
    "passamos a aceitar {v}, [põe|bota|coloca] em {c}", "falta [o|a] {v} em {c}",
]  # fmt: skip
GUARD_PLAIN["en"] += [
    "guard against {adj} in {f}{msg}", "{f} shouldn't accept {adj}{msg}", "{adj} in {f}? [error|fail|no way]{msg}", "[bug|fix]: {f} accepts {adj}, [it must not|forbid that]{msg}",
    "{f} lets {adj} through, stop that{msg}", "when somebody calls {f} and {c}, [that's an error|fail loudly|blow up]{msg}",
]  # fmt: skip
GUARD_PLAIN["pt"] += [
    "{of} [tá aceitando|aceita] {adj}, [não pode|barra isso|proíbe]{msg}", "{adj} {emf}: [erro|falha|ValueError]{msg}", "[bug|fix]: {f} aceita {adj}[, não devia|]{msg}",
    "não [deixa|deixe] {f} [receber|rodar com|aceitar] {adj}{msg}", "[se|quando] alguém chamar {f} e {c}, [dá erro|falha|explode]{msg}",
]  # fmt: skip
GUARD_RAISE["en"] += [
    "{e} for {f} [if|when] {c}{msg}",
    "[blow up|fail|bail out|die] with {e} in {f} [if|when] {c}{msg}",
    "{f} needs to raise {e} as soon as {c}{msg}",
]
GUARD_RAISE["pt"] += [
    "{emf}, se {c}, {e}{msg}",
    "[estoura|dispara|joga|taca] {e} {emf} [se|quando] {c}{msg}",
    "{of} tem que [dar|estourar|soltar] {e} assim que {c}{msg}",
]
CLONE["en"] += [
    "build [a |an |]{new} out of {f}{to}", "write [a|an] {new} following {f}{to}", "[a|one] {new} [modelled on|along the lines of|after the pattern of] {f}{to}[ please|]",
    "{f} is a good template for {new}{to}[, copy it|]", "copy-paste {f} as {new}{to}",
]  # fmt: skip
CLONE["pt"] += [
    "cria [um|uma] {new} [nos moldes de|nos moldes da|copiando|seguindo] {f}{to}", "faz [um|uma] {new} [copiando|igual a|baseado em] {f}{to}", "crie [um|uma] {new} igual [à|ao|a] {f}{to}",
    "[dá|faz] um ctrl-c ctrl-v de {f} como {new}{to}", "copia e cola {f} com o nome {new}{to}",
]  # fmt: skip
CLONE_FILE["pt"] += ["duplica {f} em {new}", "faz uma cópia de {f} em {new}", "copia {f} pra {new}"]
CLONE_FILE["en"] += [
    "pls duplicate {f} as {new}",
    "i need {f} twice, the other one is {new}",
    "copy {f} over to {new}",
]
I.SWITCH["en"]["True"] += [
    "turn on {f}",
    "switch on {f}",
    "allow {f}",
    "let's have {f}",
    "{f} should be true",
    "activate {f} please",
]
I.SWITCH["en"]["False"] += [
    "turn off {f}",
    "switch off {f}",
    "forbid {f}",
    "no {f} any more",
    "{f} should be false",
    "stop {f}",
]
I.SWITCH["pt"]["True"] += [
    "libera {f}",
    "libere {f}",
    "permite {f}",
    "habilita {f}",
    "{f} tem que ser verdadeiro",
    "põe {f} pra funcionar",
]
I.SWITCH["pt"]["False"] += [
    "desabilita {f}",
    "bloqueia {f}",
    "corta {f}",
    "{f} tem que ser falso",
    "para com {f}",
]
BEFORE["en"] += ["would you mind to ", "if you have a minute, ", "yo ", "go ahead and ", "be so kind and ", "i was wondering if you could ", "do me a favour and ", "when you can, ", "gonna need you to ", "chore: ", "feat: ", "fix: "]  # fmt: skip
BEFORE["pt"] += ["consegue ", "teria como ", "tem como ", "se puder, ", "quando der, ", "mano, ", "cara, ", "faz favor, ", "me ajuda aqui: ", "chore: ", "fix: ", "precisava ", "queria que vc "]  # fmt: skip
BEFORE_ANY["en"] += ["the reviewer is right, ", "JIRA-{n}: ", "ticket #{n}: ", "issue {n}: ", "(BUG-{n}) ", "re #{n}: ", "customers complain, so ", "for the new contract: ", "after yesterday's call: ", "small thing: ", "legal says ", "it annoys me: "]  # fmt: skip
BEFORE_ANY["pt"] += ["o revisor tem razão, ", "JIRA-{n}: ", "chamado #{n}: ", "ticket {n}: ", "(BUG-{n}) ", "ref #{n}: ", "clientes reclamaram, então ", "pelo contrato novo: ", "depois da call de ontem: ", "coisa pequena: ", "o jurídico pediu: ", "isso me irrita: ", "demanda {n}: "]  # fmt: skip
AFTER["en"] += [", cheers", ", ta", " - thx", " if possible", " whenever you can", ", it's confusing otherwise", ", closes the ticket", " before friday", "!!", " :)"]  # fmt: skip
AFTER["pt"] += [", vlw", ", tmj", " se possível", " quando puder", ", senão confunde", ", fecha o chamado", " antes de sexta", "!!", " :)", ", brigado"]  # fmt: skip
CODE, MUCH = I.NOT_CODE, I.TOO_MUCH
NONE[CODE]["en"] += [
    "[who|what] broke [the build|{x}|production]?", "[i'm|we are] [confused|lost|stuck] [about|with] {x}", "[where|how] is {x} [documented|tested|configured]?",
    "[sing|dance|recite|draw] [something|a song|me a cat]", "[give|show] me [an example of|the docs of|the source of|the history of] {x}", "[compare|benchmark|profile] {x} [with|and|against] {w}",
    "{x} [works|is fine|looks good|is done][!|.|]", "[wait|stop|cancel|never mind|forget it|hold on][, i'll do it myself|]", "[what time is it|who won the match|what should i eat|how old are you][?|]",
    "[read|summarise] [the readme|the changelog|this ticket|my mail]", "[is it|would it be] [possible|wise|safe] to [use|keep|trust] {x}?", "does {x} [work|scale|leak|need {w}]?",
    "[count|list] [all|the] [callers|uses|lines] of {x}", "open [a pull request|an issue|the browser]", "[lorem ipsum|asdf asdf|blah blah|test test 1 2 3]", "{w}?", "{x}", "{x}?", "{x} {w}",
]  # fmt: skip
NONE[CODE]["pt"] += [
    "[quem|o que] quebrou [o build|{x}|a produção]?", "[tô|estou] [confuso|perdido|travado] com {x}", "onde [{x} está documentado|fica a doc de {x}|testam {x}]?",
    "[canta|desenha|recita] [alguma coisa|uma música|um gato]", "me [dá|mostra|passa] [um exemplo de|a documentação de|o histórico de] {x}", "compara {x} com {w}",
    "{x} [tá funcionando|está bom|ficou bom|está pronto][!|.|]", "[espera|para|cancela|esquece|deixa quieto][, eu mesmo faço|]", "[que horas são|quem ganhou o jogo|o que eu como hoje|quantos anos você tem][?|]",
    "[leia|resume] [o readme|o changelog|esse chamado|meu email]", "{x} [funciona|escala|precisa de {w}]?", "me explica [como|por que] {x} [é calculado|funciona|existe|falha]",
    "[conta|lista] [quem usa|as chamadas de|as linhas de] {x}", "abre [um pull request|uma issue|o navegador]", "[asdf asdf|blá blá blá|teste 1 2 3]", "{w}?", "{x}", "{x}?", "{x} {w}",
]  # fmt: skip
NONE[MUCH]["en"] += [
    "implement [OAuth|SSO|payments|login|search|pagination|i18n|dark mode] [with|for|using] {w}[ and {w}|]", "[translate|port] {x} [to|into] [german|java|rust|sql]", "make {x} [work with|handle|support] [every|any|all] {w}",
    "{x} should [decide|guess|learn|know] [the best|which] {w}[ by itself|]", "[encrypt|hash|anonymise|compress|archive] [all|every] {w}[ with AES|]", "[email|notify|text|alert] [the customer|everyone|admins] [when|if] {x} [fails|changes]",
    "[generate|create|export] [a|the] [PDF|Excel|report|chart|dashboard] [of|for|from] {w}", "[balance|redesign|rethink|modernise] [the game|the shop|{x}|our {w}]", "use [tailwind|redis|numpy|threads|postgres|pandas] [everywhere|for everything|in {x}]",
    "make {x} [a microservice|distributed|event driven|reactive|serverless|concurrent]", "[the|our] {w} is slow[, |; ][fix it|make it fast|do something]", "{x} must [always|never] [be late|crash|fail|be wrong]",
    "[migrate|upgrade] [from {w} to {w}|to python 4|the database|our servers]", "[handle|solve] [timezones|rounding|concurrency|errors|unicode] [properly|correctly|everywhere]", "read {w} from [a file|the network|stdin|s3] in {x}",
    "make {x} return {w} [when|if] the {w} is [in Europe|new|late|on sale]", "[change|fix] the [logic|algorithm|behaviour|maths] [of|in] {x}", "[rename|change|remove|update] [everything|all names|all functions|it all]",
]  # fmt: skip
NONE[MUCH]["pt"] += [
    "implemente [OAuth|pagamentos|login|busca|paginação|i18n|modo escuro] [com|para|usando] {w}[ e {w}|]", "[traduz|porta] {x} para [alemão|java|rust|sql]", "faz {x} [funcionar com|suportar] [qualquer|todo] {w}",
    "{x} [tem que|deve] [decidir|adivinhar|aprender] [o melhor|qual] {w}[ sozinho|]", "[criptografa|anonimiza|compacta] [todos os|cada] {w}", "[avisa|manda email pra|manda SMS para] [o cliente|todo mundo] quando {x} [falhar|mudar]",
    "[gera|cria|exporta] [um|o] [PDF|Excel|relatório|gráfico] [dos|das|de] {w}", "[balanceia|redesenha|repensa] [o jogo|a loja|{x}|nosso {w}]", "usa [tailwind|redis|numpy|threads|postgres|pandas] [em tudo|em {x}]",
    "faz o sistema [mandar|gerar|calcular|aprender] {w} [sozinho|quando alguém falta|todo dia]", "[nosso|o] {w} [tá|está] lento[, |; ][resolve|deixa rápido|faz alguma coisa]", "{x} nunca pode [atrasar|quebrar|errar]",
    "[migra|atualiza] [de {w} para {w}|pro python 4|o banco|os servidores]", "[trata|resolve] [fuso horário|arredondamento|concorrência|erros] [direito|em todo lugar]", "lê {w} [de um arquivo|da rede|do s3] em {x}",
    "{x} deve devolver {w} quando o {w} [for novo|atrasar|estiver em promoção]", "[muda|conserta] a [lógica|conta|regra] de {x}", "[renomeia|muda|apaga] [tudo|todos os nomes|todas as funções]", "reescreve {x} [usando|com] [asyncio|threads|outra biblioteca]",
]  # fmt: skip
