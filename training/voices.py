"""The phrasing as a grammar: openings, verbs, objects and closings that combine.

`<part>` is replaced by one of the phrases of that name (they nest), `[a|b]` and `{slot}` are those
of sentences.py. One line here stands for hundreds of sentences, where a template there stands for
a dozen. Extends the tables of sentences.py and reshaping_sentences.py.
"""

from __future__ import annotations

import indirect as I
import reshaping_sentences as R
import sentences as S

PARTS: dict[str, list[str]] = {
    # ---- English
    "must": "should|must|needs to|has to|ought to|is supposed to|had better|shall|is meant to|will have to".split("|"),
    "ask": ["", "", "", "can you ", "could you ", "please ", "pls ", "can someone ", "could somebody ", "can we ", "could we ", "let's ", "time to ", "we should ", "you may ",
            "i think we should ", "i'd say we ", "next up: ", "want to ", "we have to ", "i need to ", "remember to ", "don't forget to ", "go ", "mind if we ", "it would be good to "],
    "bad": ["is <very><badword>", "sounds <badword>", "reads <very><badword>", "is a <badword> name", "tells me nothing", "makes no sense", "doesn't say what it does", "means something else here",
            "always trips me up", "hides what happens", "looks like a typo", "says too little", "is a relic", "was a bad idea", "sounds off", "needs a better name", "deserves a clearer name", "confuses the new people",
            "is not what it does", "was named in a hurry", "is a mouthful", "is ambiguous", "drives me mad", "isn't telling", "keeps confusing people", "has an awful name", "is named badly"],
    "very": ["", "", "a bit ", "too ", "so ", "really ", "rather ", "way too "],
    "badword": "vague cryptic generic misleading odd weird ugly terse wordy dated silly confusing awkward lame sloppy unclear technical german internal".split(),
    "better": ["call it {new}", "{new} please", "how about {new}", "{new} is what it does", "{new} would be right", "i'd say {new}", "make it {new}", "let it be {new}", "should have been {new}", "rename it to {new}",
               "rename to {new}", "what about {new}", "{new} fits better", "{new} reads better", "use {new} instead", "we say {new} everywhere else", "{new} it is", "switch to {new}", "go with {new}", "i prefer {new}",
               "{new} is nicer", "{new} would be honest", "change it to {new}", "it's really {new}", "better: {new}", "name it {new}", "{new} is clearer", "{new} tells more", "rename {f} to {new}"],
    "sep": [", ", ", ", "; ", ". ", " - ", ": ", ", so ", ". so ", " -- "],
    "a": "a|an|a new|an extra|another|one more|an additional|the|its own|a separate|some".split("|"),
    "param": "parameter parameter argument param arg option flag switch keyword kwarg setting input knob".split(),
    "needs": ["needs", "should have", "should get", "must get", "wants", "requires", "could use", "ought to have", "gets", "is to get", "should come with", "has to support", "should support", "should offer",
              "should be given", "should expose", "lacks", "is lacking", "is missing", "should grow", "would benefit from", "has no", "doesn't have", "calls for", "deserves", "is in need of"],
    "takes": ["should take", "should also take", "must accept", "has to accept", "should accept", "also takes", "now takes", "needs to receive", "has to be given", "wants to get", "shall receive", "expects",
              "should expect", "should be called with", "should work with", "should be able to take", "should let callers pass", "should allow", "should also get", "ought to accept", "is going to need", "must know",
              "needs to be told", "should be passed", "will need", "has to be told", "should be parametrised by", "should read", "should be handed", "gets an extra", "additionally takes", "should allow passing"],
    "too": ["", "", "", " too", " as well", " also"],
    "people": "we|i|callers|users|people|the caller|clients|the frontend|the job|other modules|the tests|somebody|the api".split("|"),
    "want": ["need to", "want to", "have to", "should be able to", "would like to", "must be able to", "need a way to", "can't yet", "ought to"],
    "pass": "pass hand give send supply provide specify set control choose override tweak configure define inject pick".split(),
    "calling": ["to {f}", "when calling {f}", "when they call {f}", "into {f}", "in {f}", "through {f}", "via {f}", "for {f}", "on {f}", "from outside to {f}"],
    "add": ["add", "add", "add", "include", "introduce", "put", "append", "create", "insert", "throw in", "bring in", "set up", "give us", "stick"],
    "why": ["it's confusing", "the docs say so", "the spec wants that", "nobody gets it", "qa complained", "it bit us yesterday", "the client asked", "we keep mixing it up", "the reviewers insist", "it is safer",
            "the tests are flaky otherwise", "it's wrong today", "it saves time", "that's what we agreed", "production needs it", "support keeps asking", "the law changed", "it hurts readability", "we promised it", "that is the new rule",
            "somebody tripped over it", "i keep forgetting", "the other team does it this way", "it costs us money", "that was decided on monday"],
    "instead": ["instead of {old}", "not {old}", "rather than {old}", "in place of {old}", "and not {old}", "was {old}"],
    "unset": ["is omitted", "is left out", "is not given", "isn't passed", "isn't set", "is missing", "is not specified", "stays empty"],
    "gone": ["is unused", "is dead", "is obsolete", "is never used", "is not used any more", "is no longer needed", "is leftover", "does nothing", "is pointless", "is legacy", "just sits there", "has no effect", "isn't needed", "is cruft", "is redundant"],
    "kill": ["remove it", "drop it", "delete it", "get rid of it", "take it out", "kill it", "throw it out", "it can go", "it should go", "out with it", "please remove", "clean it up", "let's lose it"],
    "remove": ["remove", "remove", "drop", "delete", "get rid of", "take out", "kill", "strip", "lose", "clean up", "cut", "throw out", "rip out", "purge"],
    "type_verb": ["make", "type", "annotate", "declare", "mark", "treat"],
    # ---- Portuguese
    "deve": ["deve", "deveria", "devia", "tem que", "tem de", "precisa", "vai ter que", "necessita", "teria que", "há de", "podia"],
    "pede": ["", "", "", "pode ", "você pode ", "vc pode ", "dá pra ", "consegue ", "por favor ", "pfv ", "favor ", "vamos ", "bora ", "precisamos ", "preciso ", "temos que ", "seria bom ", "queria ", "quero ", "é pra ",
             "a ideia é ", "falta ", "lembra de ", "não esquece de ", "tem como ", "gostaria de ", "melhor ", "que tal ", "daria pra ", "a gente precisa ", "é bom "],
    "ruim": ["é <bem><feio>", "tá <feio>", "soa <feio>", "não diz nada", "não faz sentido", "não diz o que faz", "quer dizer outra coisa aqui", "sempre me confunde", "esconde o que acontece", "parece erro de digitação", "diz muito pouco",
             "é herança da versão antiga", "foi uma má ideia", "pede um nome melhor", "merece um nome mais claro", "confunde quem chega", "não é o que faz", "foi batizado na pressa", "é ambíguo", "me irrita", "tem nome ruim",
             "é um nome <feio>", "não ajuda ninguém", "ficou estranho", "tá com nome trocado"],
    "bem": ["", "", "meio ", "muito ", "bem ", "tão ", "um tanto "],
    "feio": "vago genérico confuso feio esquisito estranho curto longo antigo técnico obscuro infeliz bobo enganoso ambíguo ruim péssimo solto".split(),
    "melhor": ["chama de {new}", "{new} por favor", "que tal {new}", "{new} é o que faz", "{new} seria o certo", "eu diria {new}", "põe {new}", "fica {new}", "devia ser {new}", "renomeia pra {new}", "renomeie para {new}",
               "{new} combina mais", "{new} lê melhor", "usa {new} no lugar", "no resto a gente fala {new}", "vai de {new}", "prefiro {new}", "{new} é mais honesto", "troca pra {new}", "na verdade é {new}", "melhor: {new}", "{new} fica mais claro",
               "muda o nome para {new}", "bota {new}", "coloque {new}", "tem que ser {new}", "deixa como {new}"],
    "sepp": [", ", ", ", "; ", ". ", " - ", ": ", ", então ", " -- ", ", aí "],
    "um": "um|um|um novo|mais um|outro|o|algum|um tal de".split("|"),
    "parm": "parâmetro parâmetro argumento param arg".split(),
    "carece": ["precisa de", "deve ter", "deveria ter", "tem que ter", "ganha", "vai ganhar", "deve ganhar", "quer", "pede", "necessita de", "está sem", "tá sem", "ainda não tem", "não tem", "merece", "podia ter", "tinha que ter", "vai precisar de",
               "passa a ter", "precisa ganhar", "devia oferecer", "carece de"],
    "recebe": ["deve receber", "precisa receber", "tem que receber", "devia receber", "passa a receber", "vai receber", "também recebe", "agora recebe", "deve aceitar", "precisa aceitar", "tem que aceitar", "também aceita", "passa a aceitar",
               "precisa saber de", "tem que saber", "deve esperar", "vai precisar de", "também precisa de", "precisa ser chamada com", "deve funcionar com", "depende de", "podia aceitar", "podia receber", "tinha que receber", "deve deixar passar", "precisa conhecer",
               "tem de receber", "vai passar a receber"],
    "tb": ["", "", "", " também", " tb", " tbm"],
    "gente": "a gente|eu|quem chama|o usuário|o pessoal|o cliente|o front|o job|os outros módulos|os testes|o chamador|a api".split("|"),
    "quer": ["precisa", "quer", "tem que", "deve poder", "gostaria de", "tem que conseguir", "precisa conseguir", "devia poder", "ainda não consegue"],
    "passar": "passar mandar dar informar fornecer definir escolher controlar configurar especificar enviar setar trocar indicar".split(),
    "chamando": ["{af}", "para {f}", "pra {f}", "ao chamar {f}", "quando chama {f}", "{emf}", "na chamada {df}", "por fora {emf}"],
    "ponha": ["adicione", "adiciona", "adicionar", "inclua", "incluir", "inclui", "acrescente", "acrescentar", "coloque", "coloca", "colocar", "põe", "pôr", "bota", "botar", "crie", "cria", "criar", "insira", "mete"],
    "porque": ["está confuso", "a documentação diz isso", "o contrato pede", "ninguém entende", "o QA reclamou", "deu problema ontem", "o cliente pediu", "a gente sempre troca", "os revisores insistem", "é mais seguro", "os testes quebram sem isso",
               "hoje está errado", "economiza tempo", "foi o combinado", "a produção precisa", "o suporte vive pedindo", "a lei mudou", "atrapalha a leitura", "a gente prometeu", "é a regra nova", "alguém tropeçou nisso", "eu vivo esquecendo"],
    "noslugar": ["em vez de {old}", "e não {old}", "no lugar de {old}", "ao invés de {old}", "não {old}", "era {old}"],
    "faltando": ["não vier", "não for passado", "não for informado", "faltar", "for omitido", "ficar de fora", "não estiver definido"],
    "morto": ["não é usado", "não serve pra nada", "não é mais usado", "ficou obsoleto", "está sobrando", "é inútil", "sobrou", "não faz efeito", "não é necessário", "ninguém usa", "é lixo", "é redundante", "virou peso morto"],
    "tira": ["remove", "tira", "tire", "apaga", "pode tirar", "pode remover", "joga fora", "some com isso", "elimina", "tem que sair", "pode sair", "remova"],
    "remova": ["remova", "remove", "remover", "tire", "tira", "tirar", "apague", "apaga", "elimine", "exclua", "retire", "retira", "limpa", "corta", "arranca"],
}  # fmt: skip

_E = {
    "rename": [
        "{f} <bad><sep><better>", "the name {f} <bad><sep><better>", "{f}? <better>", "<ask>rename {f} [to|into|as] {new}", "<ask>call {f} {new}[ instead| from now on|, please|]", "{f} <must> be [called|named|renamed to|known as] {new}",
        "{f} <must> [become|read|go by|turn into|be spelled|carry the name|answer to] {new}", "i'd like to see {f} [called|named|renamed to] {new}", "{new} is the [name|word|term] we want for {f}", "let {new} be the [new |]name of {f}",
        "i want {new} where [it now says|we now have|there is now] {f}", "what is called {f} [now|today|at the moment] <must> be {new}", "[old name|old]: {f}[, |; | / ][new name|new]: {new}", "{f} ([new name|better name|to be renamed]: {new})",
        "refactor: rename {f} to {new}", "refactor: {f} → {new}", "mv {f} {new}", "s/{f}/{new}/g", "{f} ==> {new}", "rename {f} {new}", "[turn|change|convert|alter|retitle|relabel|respell] {f} [to|into] {new}", "from {f} to {new}[: rename|, rename it|]",
        "[nobody|no one] [calls it|says|understands] {f}<sep><better>", "[everyone|the docs|the domain experts|customers|we] [say|call it|write] {new}, so {f} <must> [be called that|change its name|follow]",
        "{f} [is|was] [meant|supposed] to be [called |named |]{new}", "[give|find] {f} [a proper|a decent|an honest|another|a speaking] name[, |: | such as | like | - ]{new}", "name {f} after what it does: {new}", "as a name, {new} beats {f}",
        "[any chance|would it hurt if] {f} [could be called|became|were called] {new}?", "{f} [to be|shall be|will be] [renamed|called|named] {new}", "please [have|get] {f} renamed to {new}", "we [renamed|changed] the concept, {f} is {new} now",
    ],
    "add_parameter": [
        "{f} <needs> <a> {p} <param>{t}{d}", "{f} <needs> <a> <param> {p}{t}{d}", "{f} <needs> <a> <param> [called|named|for|by the name of] {p}{t}{d}", "{f} <needs> <a> {ty_}<param> {p}{d}", "{f} <needs> <a> {ty_}{p} <param>{d}",
        "{f} <takes> {p}<too>{t}{d}", "{f} <takes> <a> {p}{t}{d}", "{f} <takes> <a> {p} <param><too>{t}{d}", "{f} <takes> <a> {ty_}{p}<too>{d}", "{f} <takes> {p}, <a> {ty_}<param>{d}",
        "<ask><add> <a> {p} <param>{t}{d} [to|in|on|for] {f}", "<ask><add> <a> {ty_}<param> {p}{d} [to|in|on|for] {f}", "<ask><add> <a> {ty_}{p} <param> [to|in|on|for] {f}{d}", "<ask><add> {p} [to|as <a> <param> of|as <a> <param> to] {f}{t}{d}",
        "<ask><add> <a> <param> to {f}: {p}{t}{d}", "<ask><add> <a> <param> to {f}[, called| called|, name it|, call it|, named] {p}{t}{d}", "[for|in|on|as for] {f}[,| -|:] <ask><add> <a> {p} <param>{t}{d}", "<ask><add> to {f} <a> {p} <param>{t}{d}",
        "<people> <want> <pass> {p}{t}{d} <calling>", "<people> <want> <pass> <a> {p}{t}{d} <calling>", "[let|allow|have] <people> <pass> {p}{t}{d} <calling>", "it [must|should|has to] be possible to <pass> {p}{t}{d} <calling>",
        "make {p} [configurable|a parameter|an argument|adjustable|tunable|overridable] in {f}{t}{d}", "{p} <must> be [configurable|a parameter|an argument|an option|adjustable] [in|of|for] {f}{t}{d}", "{f} [hardcodes|guesses|assumes|invents|ignores the] {p}<sep>[make it|turn it into] <a> <param>{t}{d}",
        "{f} can't [be told|take|handle|see] [a |the |]{p}<sep><add> <a> <param>{t}{d}", "[expose|thread|plumb|wire|route|push|offer] {p}{t} [in|through|into|to] {f}{d}", "{p}: <a> [new |]<param> [for|of|in|on] {f}{t}{d}", "{f}: <add> <a> {p} <param>{t}{d}",
        "{f}: [new|extra|missing] <param> {p}{t}{d}", "{f} + {p}{t}{d}", "feat: {p} <param> [for|in|on] {f}{t}{d}", "[missing|wanted|wish|todo]: <a> {p} <param> [on|in|for] {f}{t}{d}", "[new|one more] <param> {p}{t}{d} [goes|belongs|comes] [to|into] {f}",
        "{f} with <a> {p} <param>{t}{d}[, please| would be great| would be nice|]", "i [keep missing|miss|would love|could really use] <a> {p} <param> [in|on] {f}{t}{d}", "[extend|change|adapt|enlarge|update|touch up] {f} [so that it takes|to take|to accept|by|with|to allow|so it accepts] [a |]{p}{t}{d}",
        "the signature of {f} [lacks|needs|gets|should include|should have] {p}{t}{d}", "without <a> {p}, {f} is [useless|no help|hard to test]; <add> <a> <param>{t}{d}", "{f} <takes> one more thing[, |: ]{p}{t}{d}", "{f} [works|runs] without any {p}<sep>it <must> take <a> {p} <param>{t}{d}",
        "{p} [is missing|is not there yet] in {f}<sep><add> it{t}{d}", "<param> {p}{t}{d} -> {f}", "to {f} <add> {p}{t}{d}", "<ask>[equip|provide|outfit|endow] {f} with <a> {p} <param>{t}{d}", "there [should|must] be <a> {p} <param> [in|on] {f}{t}{d}",
    ],
    "change_parameter": [
        "{f} <must> [use|default to|assume|fall back to|start from|go with|take] {v} [for|as] {p}[ by default| unless told otherwise|]", "when {p} <unset>, {f} <must> [use|take|assume|fall back to] {v}", "if {p} <unset> in {f}, [use|take|assume|fall back on] {v}",
        "<ask>[set|change|switch|make|put|turn|bump|move] the default [of|for] {p} in {f} [to|to be] {v}[, <instead>|]", "<ask>[set|change|switch|move|bump] the default {p} [of|in|for] {f} [from {old} ]to {v}", "{p} in {f} <must> be {v} by default[, <instead>|]",
        "{p} in {f} is {old} by default<sep>[make it|it <must> be|should be|i want|change to] {v}", "[people|we|callers] [always|nearly always|mostly] pass {v} [for|as] {p} to {f}, make it the default", "i want {p} {v} when nothing is passed to {f}", "[calling|a call of] {f} without {p} should mean {v}",
        "{f} should [have|use|get|know] a [default |]{p} of {v}[ unless told otherwise| by default|]", "{v} is a [saner|safer|better|kinder] default for {p} in {f}", "{f}: {p} defaults to {v}[ now|]", "{f}, {p}: default {v}[ <instead>|]", "[new|other|better] default for {p} in {f}: {v}",
        "the default {p} in {f} is [wrong|too low|too high|too big|too small|off|silly]<sep>[{v} please|make it {v}|use {v}|{v} is right|it <must> be {v}]", "{p} of {f} [starts|begins] at {v} [by default|unless given]", "{f}({p}={old}) [should be|->|becomes] {f}({p}={v})", "default {f}'s {p} to {v}",
        "by default {f} <must> [run|work|be called] with {p} {v}", "{p}={v} [should be|is] the default [in|of] {f}",
    ],
    "set_value": [
        "{f} <must> be {v}[, <instead>|]", "<ask>[set|change|switch|turn|put|bring|move|flip|tune|adjust|update] {f} to {v}[, <instead>|]", "{f} is [wrong|off|outdated|too low|too high|stale|not right]<sep>[it's {v}|make it {v}|use {v}|{v} please|it <must> be {v}|the right value is {v}|should have been {v}|change it to {v}]",
        "{f} from {old} to {v}", "{v} <instead> [for|in|as] {f}", "{f} {v} <instead>", "{f} [to|=] {v}, <instead>", "[raise|bump|push|crank|lift|increase|lower|reduce|decrease|shrink|cut|extend|shorten|double|halve] {f} to {v}", "{f} [now|nowadays|currently] [needs|has to|must] [be|say|read|equal] {v}",
        "[the value|what's] in {f} [is|was] [wrong|outdated|a leftover]<sep>[{v} please|put {v}|it's {v}|make it {v}]", "we [decided on|settled on|agreed to use|go with|picked|want|use] {v} [for|as] {f}", "let {f} be {v}", "i'd like {f} [to be |at |as |set to |]{v}", "[value of|the value of] {f}: {v}",
        "config: {f} = {v}", "{f} → {v}", "{f} [is|are] {v} [now|from now on|these days|as of today]", "[new|right|correct|final] {f}: {v}", "{f} [needs|wants] [an update|updating|a new value|changing]<sep>{v}", "[write|put|place|store] {v} [into|in] {f}", "[double check|fix|correct|patch] {f}<sep>[must be|should be|it's|make it] {v}",
    ],
    "set_value w": [
        "{v} {w} instead of {old}", "{v} {w}, not {old}", "{old} {w} [is|are] [not enough|too many|too few|too much|too little]<sep>[{v} please|make it {v}|{v}|use {v}|let's have {v}]", "only {v} {w}[ please|]", "[let's have|we need|i want|give us|use|allow|take|have] {v} {w}[ instead of {old}|, not {old}|]",
        "[up to|at most|no more than|at least|exactly] {v} {w}[, please|]", "{w} [up|down] from {old} to {v}", "{w}: {v}[, not {old}|]", "{w} from {old} to {v}", "the {w} <must> be {v}[, not {old}|]", "{v} {w} [is|are] [enough|plenty|right|better|what we need]", "not {old} {w} but {v}", "{w} of {v}[ instead of {old}|]",
        "[cap|limit|fix|keep|set] the {w} at {v}", "our {w} [is|are] {v} now", "[there should be|it should be|make that] {v} {w}[, not {old}|]", "[change|set] the {w} to {v}", "the {w} [went|goes|moved] [up |down |]to {v}", "{w} {v}[ please|]", "with {v} {w} instead of {old}", "[double|raise|lower|cut] the {w} to {v}",
    ],
    "add_import": [
        "{f} <must> import {i} from {m}", "<ask>import {i} from {m} [in|into|inside|at the top of] {f}", "{f} [uses|mentions|refers to|needs] {i}<sep>[import it from|it comes from|get it from] {m}", "{i} is [undefined|unknown|missing|not imported] in {f}<sep>[import it from|comes from|it lives in] {m}",
        "in {f}: {stmt}", "{f}: {stmt}", "<ask>[add|put|write|include] {stmt} [to|into|at the top of|in] {f}", "missing import in {f}: {i} from {m}", "NameError in {f}, import {i} from {m}",
    ],
}  # fmt: skip
_P = {
    "rename": [
        "{f} <ruim><sepp><melhor>", "o nome {f} <ruim><sepp><melhor>", "{f}? <melhor>", "<pede>[renomear|chamar] {f} [para|como|de] {new}", "<pede>[trocar|mudar] o nome {df} [para|pra|por] {new}", "{of} <deve> se chamar {new}", "{of} <deve> [virar|ser chamada de|passar a se chamar|ter o nome|levar o nome|ser renomeada para] {new}",
        "quero ver {f} [com o nome|chamada de|como] {new}", "{new} é o [nome|termo] que queremos [para|pra] {f}", "que {new} seja o novo nome {df}", "quero {new} onde hoje [tem|é|se lê|está] {f}", "o que [hoje|agora] se chama {f} <deve> ser {new}", "[nome antigo|antes|de]: {f}[, |; | / ][nome novo|depois|para]: {new}",
        "{f} ([novo nome|nome melhor]: {new})", "refactor: renomear {f} para {new}", "refactor: {f} → {new}", "mv {f} {new}", "s/{f}/{new}/g", "{f} ==> {new}", "renomeia {f} {new}", "[transforma|converte|mude|troque|altera] {f} [em|pra|para|por] {new}", "de {f} para {new}[: renomear|, renomeia|]",
        "ninguém [chama|fala|entende] {f}<sepp><melhor>", "[todo mundo|o cliente|o time|a doc] [fala|chama de|escreve] {new}, então {f} <deve> [mudar de nome|seguir isso|se chamar assim]", "{f} [era pra|deveria] [ser|se chamar] {new}", "[dê|arruma|arranja|acha] um nome [decente|melhor|honesto|claro] pra {f}[, |: | - ]{new}",
        "como nome, {new} ganha de {f}", "[tem chance de|rola de] {f} [virar|se chamar] {new}?", "{f} [passa a ser|será|vai ser] {new}", "a gente mudou o conceito, {f} agora é {new}", "[escreve|escrevam|usem|use] {new} em vez de {f}",
    ],
    "add_parameter": [
        "{of} <carece> <um> <parm> {p}{t}{d}", "{of} <carece> <um> <parm> [chamado|de nome|para|pra] {p}{t}{d}", "{of} <carece> <um> {p}{t}{d}", "{of} <carece> <um> <parm> {ty_}{p}{d}", "{of} <carece> [uma flag|uma opção|mais uma flag|uma nova opção] {p}{t}{d}", "{of} <recebe> {p}<tb>{t}{d}", "{of} <recebe> <um> {p}<tb>{t}{d}",
        "{of} <recebe> <um> <parm> {p}<tb>{t}{d}", "{of} <recebe> {p}, <um> <parm>{t}{d}", "{of} <recebe> [a flag|a opção|uma flag|uma opção] {p}{t}{d}", "<pede><ponha> <um> <parm> {p}{t}{d} [{emf}|{af}]", "<pede><ponha> {p} [{emf}|{af}|como <parm> {df}|nos parâmetros {df}]{t}{d}", "<pede><ponha> <um> <parm> [{emf}|{af}]: {p}{t}{d}",
        "<pede><ponha> <um> <parm> [{emf}|{af}][, chamado| chamado|, nome| com o nome] {p}{t}{d}", "{emf}[,| -|:] <pede><ponha> <um> <parm> {p}{t}{d}", "{emf}[,|:] <pede><ponha> {p}{t}{d}", "<gente> <quer> <passar> {p}{t}{d} <chamando>", "<gente> <quer> <passar> <um> {p}{t}{d} <chamando>",
        "[deixa|permite|permita|deixe] <gente> <passar> {p}{t}{d} <chamando>", "[tem que|deve|precisa] ser possível <passar> {p}{t}{d} <chamando>", "[faça|torne|deixe] {p} [configurável|um parâmetro|um argumento|ajustável] {emf}{t}{d}", "{p} <deve> ser [configurável|parâmetro|argumento|opção] {emf}{t}{d}",
        "{of} [fixa|chuta|adivinha|assume|inventa] {p}<sepp>[vira|transforma em|passa como] <parm>{t}{d}", "{of} não [sabe|enxerga|recebe|conhece] {p}<sepp><ponha> <um> <parm>{t}{d}", "[expõe|passa|leva|encaixa|oferece] {p}{t} [{emf}|até {f}|pra dentro de {f}]{d}", "{p}: <um> <parm> [novo |]{emf}{t}{d}", "{f}: <ponha> <um> <parm> {p}{t}{d}",
        "{f}: [novo|mais um|falta o] <parm> {p}{t}{d}", "{f} + {p}{t}{d}", "feat: <parm> {p} {emf}{t}{d}", "[faltando|quero|todo|pedido]: <um> <parm> {p} {emf}{t}{d}", "{f} com <um> <parm> {p}{t}{d}[, por favor| seria ótimo| ajudaria|]", "[sinto falta de|faz falta|queria] <um> <parm> {p} {emf}{t}{d}",
        "[mude|estenda|adapte|altera|ajusta] {f} [para receber|pra aceitar|de forma que receba|com|para que aceite] {p}{t}{d}", "a assinatura {df} [precisa de|ganha|não tem|devia ter] {p}{t}{d}", "sem {p}, {f} não ajuda; <ponha> <um> <parm>{t}{d}", "{of} <recebe> mais uma coisa[, |: ]{p}{t}{d}", "{p} [falta|não está|não existe ainda] {emf}<sepp><ponha>{t}{d}",
        "<parm> {p}{t}{d} -> {f}", "[tem que|deve|deveria] ter <um> <parm> {p} {emf}{t}{d}", "[seria bom|seria ótimo|seria legal|ia ajudar] [se |]{of} [receber|aceitar|ter] {p}{t}{d}",
    ],
    "change_parameter": [
        "{of} <deve> [usar|assumir|partir de|cair em] {v} [para|em|como] {p}[ por padrão| se ninguém disser nada|]", "quando {p} <faltando>, {of} <deve> [usar|assumir|pegar] {v}", "se {p} <faltando> {emf}, [usa|assume|vale|fica] {v}", "<pede>[mudar|trocar|alterar|ajustar|passar] o [padrão|default|valor padrão] de {p} {emf} [para|pra] {v}[, <noslugar>|]",
        "<pede>[mudar|trocar|passar|subir|baixar] o {p} padrão {df} [de {old} ]para {v}", "{p} {emf} <deve> ser {v} por padrão[, <noslugar>|]", "{p} {emf} é {old} por padrão<sepp>[muda pra|deve ser|quero|põe|troca por] {v}", "[todo mundo|a gente] sempre passa {v} em {p} {af}, põe como padrão", "quero {p} {v} quando não passam nada {af}",
        "chamar {f} sem {p} deve significar {v}", "{of} <deve> ter {p} [padrão de|por padrão igual a|em] {v}[ por padrão|]", "{v} é um padrão [mais seguro|mais sensato|melhor] pra {p} {emf}", "{f}: {p} [por padrão é|padrão agora é|passa a ser por padrão] {v}", "{f}, {p}: padrão {v}[ <noslugar>|]", "[novo|outro] [padrão|default] de {p} {emf}: {v}",
        "o {p} padrão {df} [tá|está] [errado|baixo|alto|ruim|estranho]<sepp>[{v} por favor|põe {v}|usa {v}|o certo é {v}]", "{f}({p}={old}) [vira|->|deve ser] {f}({p}={v})", "por padrão {of} <deve> [rodar|trabalhar] com {p} {v}", "{p}={v} [deve ser|vira] o padrão {df}",
    ],
    "set_value": [
        "{of} <deve> ser {v}[, <noslugar>|]", "<pede>[mudar|trocar|alterar|passar|ajustar|atualizar|colocar|botar|pôr] {f} [para|pra|em] {v}[, <noslugar>|]", "{of} [está|tá] [errado|errada|desatualizado|baixo demais|alto demais|velho]<sepp>[é {v}|põe {v}|usa {v}|{v} por favor|deve ser {v}|o certo é {v}|muda pra {v}]", "{f} de {old} para {v}",
        "{v} <noslugar> [em|para|pra] {f}", "{f} {v} <noslugar>", "[suba|sobe|aumenta|aumente|eleve|baixe|baixa|reduza|diminua|diminui|corte|encurte|estenda|dobre] {f} para {v}", "o [valor|que está] em {f} [está|tá|ficou] [errado|velho|desatualizado]<sepp>[{v} por favor|põe {v}|é {v}]",
        "[decidimos|combinamos|fechamos em|vamos de|queremos|ficou decidido] {v} [para|pra|em] {f}", "que {f} seja {v}", "gostaria de {f} em {v}", "valor {df}: {v}", "config: {f} = {v}", "{f} → {v}", "{of} [é|são|vale] {v} [agora|a partir de hoje|daqui pra frente]", "[novo|nova|correto|valor final de] {f}: {v}",
        "{of} [precisa de|pede] [ajuste|um novo valor|atualização]<sepp>{v}", "[escreva|grava|põe|guarda] {v} em {f}", "[confere|corrige|arruma|conserta] {f}<sepp>[deve ser|é|tem que ser|põe] {v}", "{of} <deve> [valer|passar a ser|ficar em|ir para] {v}",
    ],
    "set_value w": [
        "{v} {w} em vez de {old}", "{v} {w}, não {old}", "{old} {w} é [pouco|muito|demais]<sepp>[{v} por favor|põe {v}|{v}|usa {v}|vamos de {v}]", "só {v} {w}", "[quero|queremos|preciso de|vamos ter|usa|use|permita|deixa] {v} {w}[ em vez de {old}|, não {old}|]", "[até|no máximo|no mínimo|exatamente] {v} {w}[, por favor|]", "{w} de {old} para {v}",
        "{w}: {v}[, não {old}|]", "{w} <deve> ser {v}[, não {old}|]", "{v} {w} [basta|é o certo|é melhor|já chega]", "não {old} {w}, mas {v}", "{w} de {v}[ em vez de {old}|]", "[limite|fixe|deixe|limita] {w} em {v}", "nosso {w} agora é {v}", "[mude|muda|troque|altere] {w} para {v}", "{w} [subiu|caiu|foi] para {v}", "{w} {v}[ por favor|]", "com {v} {w} em vez de {old}",
    ],
    "add_import": [
        "{f} <deve> importar {i} de {m}", "<pede>importar {i} de {m} [em|dentro de|no topo de] {f}", "{f} [usa|menciona|precisa de] {i}<sepp>[importa de|vem de|importe de] {m}", "{i} [não existe|falta|não está definido] em {f}<sepp>[importa de|vem de|mora em] {m}", "em {f}: {stmt}", "{f}: {stmt}",
        "<pede>[colocar|adicionar|pôr|incluir] {stmt} em {f}", "import faltando em {f}: {i} de {m}", "NameError em {f}, importa {i} de {m}",
    ],
}  # fmt: skip
BECAUSE = {
    "before": {"en": ["<why>, so ", "<why>: ", "since <why>, ", "as <why>, ", "because <why>: ", "<why>. "], "pt": ["<porque>, então ", "<porque>: ", "como <porque>, ", "já que <porque>, ", "<porque>. "]},
    "after": {"en": [" because <why>", ", <why>", " - <why>", ", since <why>", " (<why>)", ". <why>", ", as <why>", " so that <why>"], "pt": [" porque <porque>", ", <porque>", " - <porque>", ", já que <porque>", " (<porque>)", ". <porque>", " pois <porque>"]},
}  # fmt: skip

S.TYPE["en"] += ". It is a {ty}|. It's a {ty}| - a {ty}|; type: {ty}|. Type: {ty}|, which should be a {ty},| and it is a {ty}| (it's a {ty})| [{ty}]| typed as {ty}| whose type is {ty}".split("|")  # fmt: skip
S.TYPE["pt"] += ". É um {ty}|. É {ty}| - um {ty}|; tipo: {ty}|. Tipo: {ty}|, que deve ser {ty},| e é {ty}| (é {ty})| [{ty}]| cujo tipo é {ty}| que é um {ty}".split("|")  # fmt: skip
S.DEFAULT["en"] += [
    ". Default: {v}", "; default {v}", " - default {v}", ". {v} by default", ". It defaults to {v}", ", falling back to {v}", ", otherwise {v}", ", {v} if nobody says anything", " and make it {v} by default", " and default it to {v}", ", set to {v}",
    " preset to {v}", ", with {v} when left out", ", where {v} is the default", ", let's say {v} by default", ". If it is left out, use {v}", ", {v} being what we want normally", ", standard value {v}", ". By default it is {v}", " (if omitted: {v})", " - {v} when not passed", ", and {v} is the default",
    ", {v} for everyone who doesn't care", ", default value {v}", " (default: {v})", " [default {v}]",
]  # fmt: skip
S.DEFAULT["pt"] += [
    ". Padrão: {v}", "; padrão {v}", " - padrão {v}", ". {v} por padrão", ". O padrão é {v}", ", caindo em {v}", ", senão {v}", ", {v} se ninguém falar nada", " e deixa {v} por padrão", " e o padrão é {v}", ", valendo {v}", " já com {v}", ", com {v} se ficar de fora", ", onde {v} é o padrão",
    ", digamos {v} por padrão", ". Se faltar, usa {v}", ", normalmente em {v}", ", valor padrão {v}", ". Por padrão é {v}", " (se não vier: {v})", " - {v} quando não passar", ", e {v} é o default", ", default: {v}", " (padrão: {v})", " [padrão {v}]", ", {v} se ausente",
]  # fmt: skip
S.ENTRY_DICT["en"] += [
    "{k}, [labelled|with the label|shown as|called|displayed as] {v}, [goes to|belongs in|is new in|is missing from] {c}", "{c}: a [new |]{k} entry [with|holding|worth|set to] {v}", "<ask><add> {k} ({v}) to {c}", "{c} <must> also have {k}<sep>its value is {v}", "[value|put] {v} for {k} in {c}", "new key {k} in {c}[, value|:| with| =] {v}",
    "{v} as the value of {k} in {c}", "there is [a new|one more|another] [one|entry|{noun}] in {c}: {k}, [labelled|worth|which is|meaning|mapped to] {v}", "one more {noun}: {k}[, |: | with | = ]{v}[ (in {c})|, {c}|; see {c}]", "[a new|another] {noun} [{k} labelled {v}|{k} with {v}|{k} = {v}], put it in {c}",
    "<ask><add> [a|the] {noun} {k} [with|=|worth|labelled|->] {v} to {c}", "{k} → {v} in {c}", "<ask>[let|make] {c} [map|send|translate|turn] {k} [to|into] {v}", "{c} <must> [know|list|carry|hold] {k} [as|with] {v}", "for {k}, {c} <must> [say|return|give|have] {v}", "{k} is {v}; {c} doesn't know that yet",
]  # fmt: skip
S.ENTRY_DICT["pt"] += [
    "{k}, [com o rótulo|rotulado|mostrado como|com o nome|exibido como] {v}, [vai em|entra em|falta em] {c}", "{c}: [nova entrada|mais um] {k} [com|valendo|igual a] {v}", "<pede><ponha> {k} ({v}) em {c}", "{c} <deve> ter {k} também<sepp>o valor é {v}", "[valor|põe] {v} para {k} em {c}", "nova chave {k} em {c}[, valor|:| com| =] {v}",
    "{v} como valor de {k} em {c}", "tem [mais um|um novo|outro] [item|{noun}] em {c}: {k}, [rótulo|valendo|que é|com] {v}", "mais um {noun}: {k}[, |: | com | = ]{v}[ (em {c})|, {c}|; ver {c}]", "<pede><ponha> o {noun} {k} [com|=|valendo|->|com rótulo] {v} em {c}", "{k} → {v} em {c}", "{c} <deve> [conhecer|listar|levar] {k} [como|com] {v}",
    "para {k}, {c} <deve> [dizer|dar|ter] {v}", "{k} é {v}; {c} ainda não sabe disso",
]  # fmt: skip
S.ENTRY_LIST["en"] += [
    "[support|allow|accept|handle|know] {v} in {c}", "{c}: [support|allow|add|accept] {v}[ too| as well|]", "we [support|accept|sell|have|use|offer] {v} now ({c})", "[start|begin] [supporting|accepting|offering] {v} ({c})", "{v} is [allowed|supported|accepted|valid] now, [see|update|extend] {c}", "<ask><add> [a|the] {noun} {v} [to|in] {c}",
    "one more {noun}: {v}[ (in {c})|, {c}|]", "{v} is a {noun} too[, add it to {c}| ({c})|]", "{c} <must> [know|list|include|contain|carry|allow|accept] {v}[ too| as well|]", "{v} <must> be [in|part of|listed in|added to] {c}", "<ask>[append|put|insert|stick|add] {v} [to|into|at the end of|in] {c}", "we forgot [the |]{v} in {c}", "{v} too, in {c}",
    "{c} + {v}", "{v} -> {c}", "what about {v}? {c} <must> have it", "[the|a] new {noun} is {v}, {c} doesn't know it",
]  # fmt: skip
S.ENTRY_LIST["pt"] += [
    "[suporta|aceita|permite|aceite|suporte] {v} em {c}", "{c}: [aceita|adiciona|inclui|suporta] {v}[ também| tb|]", "[agora |][aceitamos|vendemos|temos|usamos|suportamos] {v} ({c})", "{v} [agora vale|passou a valer|é permitido|é aceito], [atualiza|inclui em|põe em] {c}", "<pede><ponha> o {noun} {v} em {c}", "mais um {noun}: {v}[ (em {c})|, {c}|]",
    "{v} também é {noun}[, inclui em {c}| ({c})|]", "{c} <deve> [conhecer|listar|incluir|conter|ter|aceitar] {v}[ também|]", "{v} <deve> [estar|entrar|constar] em {c}", "<pede><ponha> {v} [em|no fim de|na lista] {c}", "esquecemos [o|a] {v} em {c}", "{v} também, em {c}", "{c} + {v}", "{v} -> {c}", "e {v}? {c} <deve> ter",
]  # fmt: skip
R.LESS_IMPORT["en"] += [
    "{stmtm} <gone> in {f}<sep><kill>", "the import of {stmtm} in {f} <gone><sep><kill>", "<ask><remove> the [unused |stale |]{stmtm} import [from|in|of] {f}", "{f} imports {stmtm} for nothing<sep><kill>", "[lint|ruff|flake8|F401]: {stmtm} [unused |]in {f}", "in {f} the import {stmtm} <gone><sep><kill>", "{f} without [importing |the import of ]{stmtm}",
    "{f} [still imports|imports] {stmtm} but [never uses it|doesn't need it|nobody uses it]<sep><kill>", "<ask><remove> {stmt} [from|in] {f}", "no [need|reason] to import {stmtm} in {f}[, <kill>|]", "[unused|dead|superfluous] import {stmtm} in {f}",
]  # fmt: skip
R.LESS_IMPORT["pt"] += [
    "{stmtm} <morto> em {f}<sepp><tira>", "o import de {stmtm} em {f} <morto><sepp><tira>", "<pede><remova> o import [não usado |velho |]de {stmtm} [de|em] {f}", "{f} importa {stmtm} à toa<sepp><tira>", "[lint|ruff|F401]: {stmtm} [sem uso |]em {f}", "em {f} o import {stmtm} <morto><sepp><tira>", "{f} sem [importar|o import de] {stmtm}",
    "{f} ainda importa {stmtm} mas [não usa|ninguém usa|não precisa]<sepp><tira>", "<pede><remova> {stmt} [de|em] {f}", "não precisa importar {stmtm} em {f}", "import [sobrando|morto|sem uso] em {f}: {stmtm}",
]  # fmt: skip
R.LESS_PARAMETER["en"] += [
    "{p} in {f} <gone><sep><kill>", "the {p} <param> of {f} <gone><sep><kill>", "<ask><remove> [the |]{p}[ parameter| argument| option|] [from|in|of] {f}", "<ask><remove> the <param> {p} [from|of|in] {f}", "{f} [can do|works|does fine|lives well] without {p}<sep><kill>", "{f} <must> [lose|no longer accept|stop accepting|not have|forget] {p}", "nobody [sets|uses|passes|gives] {p} [in|to] {f}<sep><kill>",
    "{f} should be [called|callable] without {p}, [drop that parameter|remove it]", "simplify the signature of {f}: no {p}", "{f}: [drop|remove|no more|minus] {p}",
]  # fmt: skip
R.LESS_PARAMETER["pt"] += [
    "{p} {emf} <morto><sepp><tira>", "o <parm> {p} {df} <morto><sepp><tira>", "<pede><remova> [o |]{p} [{df}|{emf}]", "<pede><remova> o <parm> {p} [{df}|{emf}]", "{of} [vive bem|funciona|passa bem] sem {p}<sepp><tira>", "{of} <deve> [perder|deixar de aceitar|parar de aceitar] [o |]{p}", "ninguém [usa|passa|informa] {p} [{emf}|{af}]<sepp><tira>", "simplifica a assinatura {df}: sem {p}",
    "{f}: [tira|remove|sem] {p}",
]  # fmt: skip
R.RENAME_PARAMETER["en"] += [
    "[the |]{p} [in|of] {f} [is a bad name|is vague|is cryptic|says nothing|confuses me|is named badly]<sep>[call it|make it|rename it to|use|better] {new}", "the <param> {p} of {f} <must> be [called|named|renamed to|spelled] {new}", "<ask>rename [the <param> |]{p} to {new} in {f}", "<ask>rename {f}'s {p} to {new}", "{f}: [rename |][parameter |argument |]{p} [to|->|=>] {new}",
    "{f} calls it {p}, [everybody else says|the docs say|should be] {new}", "{p} -> {new} in {f}", "in {f}, {p} <must> [be called|become|read|be named] {new}", "what {f} calls {p} is really {new}", "as a parameter name in {f}, {new} [beats|is better than] {p}", "{new} instead of {p} [as argument of|in the signature of|as a parameter of] {f}",
]  # fmt: skip
R.RENAME_PARAMETER["pt"] += [
    "o {p} {df} [é um nome ruim|é vago|não diz nada|confunde|tem nome ruim]<sepp>[chama de|põe|renomeia pra|usa|melhor] {new}", "o <parm> {p} {df} <deve> se chamar {new}", "<pede>[renomear|chamar] o <parm> {p} {df} [para|de] {new}", "<pede>renomear {p} para {new} {emf}", "{f}: [renomeia |][parâmetro |]{p} [para|->|=>] {new}", "{of} chama de {p}, [todo mundo diz|o certo é] {new}",
    "{p} -> {new} {emf}", "{emf}, {p} <deve> [se chamar|virar|ser] {new}", "{new} em vez de {p} [como parâmetro|na assinatura|nos argumentos] {df}",
]  # fmt: skip
R.RETYPE["en"] += [
    "{f} <must> [take|get|accept|receive] {p} as [a |an |]{ty}", "[the |]{p} of {f} <must> be [a |an |]{ty}", "<ask><type_verb> {p} [in|of] {f} [a |an |as a |]{ty}", "[the type of |]{p} in {f} is wrong<sep>[it's|make it|should be] [a |]{ty}", "{f}: {p}: {ty}", "[type hint|annotation|type] for {p} in {f}: {ty}", "{p} in {f} [takes|holds|is] [a |an |]{ty}[, annotate it|, type it|]",
    "mypy complains about {p} in {f}<sep>[it is|make it] {ty}", "{p} of {f} [is|gets] typed [as |]{ty}", "in {f} {p} [can be|may be|is] {ty}",
]  # fmt: skip
R.RETYPE["pt"] += [
    "{of} <deve> receber {p} como [um |]{ty}", "[o |]{p} {df} <deve> ser [um |do tipo |]{ty}", "<pede>[anotar|tipar|declarar] {p} {emf} como {ty}", "o tipo de {p} {emf} [está|tá] errado<sepp>[é|põe|deve ser] {ty}", "{f}: {p}: {ty}", "[tipo|anotação] de {p} {emf}: {ty}", "{p} {emf} é [um |]{ty}[, anota|, põe o tipo|]", "o mypy reclama de {p} {emf}<sepp>[é|põe] {ty}", "{emf} {p} [pode ser|é] {ty}",
]  # fmt: skip
R.RETURNS["en"] += [
    "{f} <must> be [typed|annotated] -> {ty}", "[the |]return [type|annotation] [for|of|on] {f}: {ty}", "{f} has no return [type|annotation]<sep>[it's|it is|add|put] {ty}", "<ask>[annotate|type] the return [value |]of {f} [as|with] {ty}", "{f}: returns {ty}", "mypy wants to know what {f} returns: {ty}", "what {f} [returns|gives back] is [a |]{ty}[, annotate that|, put that in the signature]",
]  # fmt: skip
R.RETURNS["pt"] += [
    "{of} <deve> ser anotada com -> {ty}", "[tipo de retorno|anotação de retorno|retorno] {df}: {ty}", "{of} não tem tipo de retorno<sepp>[é|põe|coloca] {ty}", "<pede>[anotar|tipar] o retorno {df} [como|com] {ty}", "{f}: [retorna|devolve] {ty}", "o que {f} [devolve|retorna] é {ty}, [anota|põe na assinatura]",
]  # fmt: skip
R.DECORATE["en"] += ["{f} <must> be [a |decorated with |wrapped in |marked ]{d}", "<ask><add> {d} [to|on|above|over] {f}", "{f}: [add|needs|missing] {d}", "{f} <needs> {d} [on top|above it|as a decorator]", "<ask>[wrap|decorate|mark|tag] {f} [with|in|as] {d}", "{d} above {f}"]  # fmt: skip
R.DECORATE["pt"] += ["{of} <deve> ser [decorada com |marcada com |um |]{d}", "<pede><ponha> {d} [{emf}|em cima {df}|sobre {f}]", "{f}: [falta|põe|adiciona] {d}", "<pede>[decorar|marcar|envolver] {f} [com|como] {d}", "{d} em cima {df}"]  # fmt: skip
R.MOVE["en"] += ["<ask>move {f} [to|into|over to] {path}", "{f} <must> [live|be|go|sit|move|end up] [in|to|into] {path}", "{f} [is in the wrong place|is in the wrong file|doesn't belong here]<sep>[move it to|it belongs in|put it into] {path}", "{path} <must> [contain|hold|have|own] {f}, move it", "from here to {path}: {f}", "move to {path}: {f}", "{f} → {path}"]  # fmt: skip
R.MOVE["pt"] += ["<pede>[mover|levar|passar|mandar] {f} para {path}", "{of} <deve> [morar|ficar|ir|estar] em {path}", "{of} [está no lugar errado|está no arquivo errado|não é daqui]<sepp>[move pra|vai pra|põe em|fica em] {path}", "mover para {path}: {f}", "{f} → {path}"]  # fmt: skip
R.MOVE_FILE["en"] += ["<ask>[move|rename] {f} to {path}", "{f} <must> be [called|named|at|in] {path}", "mv {f} {path}", "git mv {f} {path}", "{f} [is in the wrong place|is misnamed|has the wrong name]<sep>[move it to|rename it to|it <must> be] {path}", "the file {f} goes to {path}", "put {f} at {path}[ instead|]"]  # fmt: skip
R.MOVE_FILE["pt"] += ["<pede>[mover|renomear|levar] {f} para {path}", "{f} <deve> [se chamar|ficar em|ir para] {path}", "mv {f} {path}", "git mv {f} {path}", "{f} [está no lugar errado|tem o nome errado]<sepp>[move pra|renomeia pra|deve ser] {path}", "o arquivo {f} vai para {path}"]  # fmt: skip
R.GONE["en"] += ["{f} <gone><sep><kill>", "<ask><remove> {f}[, it <gone>|, nobody calls it|]", "nobody [needs|calls|uses|wants] {f}<sep><kill>", "{f} <must> [go|be deleted|be removed|disappear|die|vanish]", "rm {f}", "chore: remove {f}", "we can live without {f}<sep><kill>"]  # fmt: skip
R.GONE["pt"] += ["{f} <morto><sepp><tira>", "<pede><remova> {f}[, <morto>|, ninguém chama|]", "ninguém [precisa de|chama|usa|quer] {f}<sepp><tira>", "{of} <deve> [sair|sumir|ser apagada|ser removida|desaparecer]", "rm {f}", "chore: remove {f}"]  # fmt: skip
R.LESS_ENTRY["en"] += ["{k} in {c} <gone><sep><kill>", "<ask><remove> {k} [from|out of|in] {c}", "{c}: [no|drop|remove|minus|without] {k}", "{c} <must> [lose|not have|not contain|no longer have|forget] {k}", "{k} is [discontinued|history|not supported any more|dead], [take it out of|remove it from|update] {c}",  "we stopped [selling|supporting|using|accepting] {k} ({c})"]  # fmt: skip
R.LESS_ENTRY["pt"] += ["{k} em {c} <morto><sepp><tira>", "<pede><remova> {k} [de|em] {c}", "{c}: [sem|tira|remove] {k}", "{c} <deve> [perder|deixar de ter] {k}", "{k} [acabou|saiu de linha|não é mais suportado|morreu], [tira de|remove de|atualiza] {c}", "paramos de [vender|usar|aceitar] {k} ({c})"]  # fmt: skip
R.FIELD["en"] += ["{f} <needs> <a> [field|attribute] {decl}", "<ask><add> <a> [field|attribute|class attribute|member] {decl} [to|in|on] {f}", "{f}: [add|new|missing] {decl}", "every {f} <must> have [a |an |a field |]{decl}", "give {f} [a |the |another ][field|attribute] {decl}"]  # fmt: skip
R.FIELD["pt"] += ["{of} <carece> <um> [campo|atributo] {decl}", "<pede><ponha> <um> [campo|atributo] {decl} [{emf}|{af}]", "{f}: [adiciona|novo|falta] [campo |]{decl}", "toda {f} <deve> ter [um |um campo |]{decl}"]  # fmt: skip

WORDED = {"en": _E.pop("set_value w"), "pt": _P.pop("set_value w")}
for _language, _table in (("en", _E), ("pt", _P)):
    for _verb, _templates in _table.items():
        _old = S.CORE[_language][_verb]
        _old += _templates * max(1, round(len(_old) / len(_templates)))
S.PARTS.update(PARTS)

JOINS = {
    "en": [" & ", " + ", " - also ", ", next ", ". next, ", ". and ", ". oh, and ", ". btw, ", ". plus, ", ", while you're at it ", ", besides, ", ". second: ", " and besides ", ", and on top of that ", ", plus ", " / ", ". additionally, ", ", also ", ". afterwards ", ", followed by this: ", " and, while there, "],
    "pt": [" & ", " + ", " - e também ", ", em seguida ", ". e ", ". ah, e ", ". aproveitando, ", ". fora isso, ", ", aproveita e ", ", de quebra ", ". segundo: ", " e além disso ", ", mais: ", " / ", ". adicionalmente, ", ", também ", ". por fim, ", ", depois disso ", " e de quebra ", ", bem como "],
}  # fmt: skip
for _language, _more in JOINS.items():
    S.JOIN[_language] += _more
FRAMES = {
    "en": ["two things: {one} and {two}", "first {one}, then {two}", "1) {one} 2) {two}", "1. {one} 2. {two}", "(a) {one}; (b) {two}", "two changes: {one}; {two}", "a) {one}, b) {two}", "firstly {one}; secondly {two}", "- {one} - {two}"],
    "pt": ["duas coisas: {one} e {two}", "primeiro {one}, depois {two}", "1) {one} 2) {two}", "1. {one} 2. {two}", "(a) {one}; (b) {two}", "duas mudanças: {one}; {two}", "a) {one}, b) {two}", "- {one} - {two}"],
}  # fmt: skip
TOO_MUCH_MORE = {
    "en": ["<ask><add> {w} [support|detection|mode|export|handling] [with|for|of] [{n} |]{w}", "{w} [detection|support|mode] with {n} {w}", "<ask>[compute|calculate|predict|estimate|forecast] [the|next month's|our] {w} [and|by|per] {w}", "{x} <must> be [faster|nicer|smarter|reliable|bulletproof|more robust|user friendly]",
           "[a|the] {w} [page|screen|endpoint|dashboard|wizard|command] [for|with] {w}", "<ask>[teach|make] {x} [to |][predict|learn|sort|merge|undo|resume] {w}", "[play|show|open|download|print] [some|the|a] {w}"],
    "pt": ["<pede><ponha> [suporte a|modo|detecção de] {w} [com|para] [{n} |]{w}", "[calcula|prevê|estima|manda|envia] [o|a|nosso] {w} [por|e|pra] {w}", "{x} <deve> ser [mais rápido|mais bonito|inteligente|confiável|robusto]", "[uma tela|uma página|um endpoint|um painel] de {w} [com|para] {w}", "[toca|abre|baixa|mostra|imprime] [um|o|a] {w}"],
}  # fmt: skip
for _language, _more in TOO_MUCH_MORE.items():
    S.NONE[I.TOO_MUCH][_language] += _more
