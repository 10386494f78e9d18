"""More phrasing: sentences without the verb of the edit, reasons first, slang, old values.

Extends the tables of sentences.py. `{old}` is the present value (a template with it is only used
where there is one that people would say). The same marks as there: `[a|b|]`, `{slot}`.
"""

from __future__ import annotations

from sentences import (
    BEFORE_ANY,
    CLONE,
    CORE,
    DEFAULT,
    ENTRY_DICT,
    ENTRY_LIST,
    GUARD_PLAIN,
    GUARD_RAISE,
    NONE,
)

MORE: dict[str, dict[str, list[str]]] = {
    "en": {
        "rename": [
            "{f} is [too |far too |a bit |]{bad}[, |; |. ][let's go with|go with|i prefer|better|make that|let us use|why not] {new}",
            "{f} [is|was] [the wrong|a wrong|a poor|an old|a leftover|not a good] [word|name|term][, |; |: ][go for|use|it's|it is|let's say|say] {new}",
            "let's [go with|use|say|write] {new} [for|where we have|where it says|instead of] {f}",
            "[i'd|i would|we'd] [call|name] {f} {new}",
            "{new} [is clearer than|is nicer than|beats|tells more than|would be clearer than|suits us better than] {f}",
            "{f} [tells|says] [nothing|too little|the wrong thing] about [it|its job|what it does][, |; ][take|use|go with] {new}",
            "[the docs|our customers|everybody|the team] [call|calls|say|says] {new}, [the code|we] [still |]says {f}",
            "[from now on|as of now|henceforth] {f} [is|goes by|answers to] {new}",
            "{f} [ought to|has to|must|should] [read|go by|be] {new}",
            "what [is|was|we call] {f} [now|today|here] should be {new}",
            "[get rid of|lose|drop] the name {f}[,| and] [use|take] {new}",
            "the name {f} [misleads|confuses people|is taken elsewhere|clashes with another one][, |; |, so ]{new} [it is|please|instead|then]",
            "[could|can] {f} be [called|named|renamed to] {new}?",
            "{new}, not {f}",
            "{f} => {new} [everywhere|in all files|please|]",
            "typo in {f}, [should read|must be|it's] {new}",
        ],
        "add_parameter": [
            "[could we|can we|let's|i want to|we want to] have [a|an|the] {p} [flag|option|parameter|argument|switch|setting] [on|in|for] {f}{d}",
            "[a|an] {p} [parameter|argument|option] [for|in|on] {f} would [help|be nice|be useful|be great]{d}",
            "[callers|people|users|we|i] [need|want|should have] a way to [give|set|choose|pass|say|control] {p}{t} [in|when calling|to] {f}{d}",
            "{f} [has no|doesn't take|doesn't have|takes no|lacks a|can't take a] {p}[ parameter| argument|] yet[, add one| |]{d}",
            "{f} with [one more|another|an extra] [parameter|argument|option]: {p}{t}{d}",
            "it should be possible to [set|give|choose|override] {p}{t} [in|for|when calling] {f}{d}",
            "{f} [also |]depends on {p}{t}{d}, [pass it in|make it a parameter|so let it be passed]",
            "[hand|pass|feed] {f} [a|an|another] {p}{t} as well{d}",
            "{f}(..., {p}{t}{d})",
            "{p}{t}{d} [as|is|becomes] [a|another|a new] [parameter|argument] of {f}",
        ],
        "change_parameter": [
            "{f} [uses|has|takes] {p} {old} [by default|as default|], [make it|it should be|change that to|use|go for] {v}",
            "{old} is too [low|high|short|long|much|little|small|big] for {p} in {f}[, |; ][use|make it|take|try|go with] {v}",
            "[move|raise|lower|change|take|push|bring] the [default |]{p} [of|in] {f} from {old} to {v}",
            "{p} [of|in] {f}: {v} [by default|as default|instead of {old}|if not given]",
            "{f} [ought to|should|must] [default to|assume|start with] {p} {v}",
            "[if|when] [nobody gives|no one passes|we don't pass|callers omit|callers leave out] {p}, {f} should [use|take|assume] {v}",
            "[unless given|if omitted|when omitted], {p} [of|in] {f} [is|should be|becomes] {v}",
            "{f} [with|without] [a |an explicit |]{p} should mean {v}",
            "{f}'s [default |]{p} [is too low|is too high|is too short|is too long|is off|is outdated|needs work], [{v} please|use {v}|make it {v}|{v} is right]",
            "{v} [is|would be] a better default for {p} in {f}",
            "the signature of {f} should say {p}={v}",
        ],
        "set_value": [
            "{f} {v}[ please| from now on| from today| instead|]",
            "{f} [up|down] to {v}[ please|]",
            "{v} [for|as|in] {f}[ please| from now on| instead|]",
            "{f} [now |][starts at|begins at|stands at|is up to|is down to|ends at|stops at] {v}",
            "{f} [went|goes|has gone|rose|fell|dropped|moved] to {v}",
            "{f} [is|was] {old}[, |; |, but ][make it|it should be|should be|we need|i want|it must be] {v}",
            "{old} is [too low|too high|not enough|too much|too long|too short|wrong|outdated] for {f}[, |; ][use|make it|take|try] {v}",
            "[move|raise|lower|change|take|bump|bring|cut] {f} from {old} to {v}",
            "{v} instead of {old} for {f}",
            "{f}: {old} -> {v}",
            "[we agreed on|they want|the customer wants|the boss wants|management decided on|the law says|the spec says] {v} for {f}",
            "[double-check that|make sure|see to it that|it is important that] {f} [is|equals|reads|stays at] {v}",
            "{f} [has|have] [changed|gone up|come down] to {v}",
            "[allow|permit|accept|tolerate] [up to |at most |]{v} [as|for|in] {f}",
            "the new {f} is {v}",
            "[it's|it is] {v} now, {f}[ i mean|]",
            "{f} ought to [be|have|say] {v}",
            "could {f} be {v}?",
        ],
        "add_import": [
            "{f} [uses|calls|refers to] {i} [from|out of] {m} [but never imports it|without importing it|but the import is missing]",
            "{i} isn't imported in {f}[, it lives in|, it is in|; it comes from|, get it from] {m}",
            "[bring|pull|get] {i} [from|out of] {m} into {f}",
            "{f} [is going to use|wants|wants to use|could use] {i} from {m}",
            "at the top of {f}: {stmt}",
            "{i} ({m}) [must|should] be [imported|available] in {f}",
            "make {i} from {m} [available|known|visible] in {f}",
            "we'll use {i} in {f}, so import it from {m}",
        ],
    },
    "pt": {
        "rename": [
            "{f} é [muito |meio |bem |um pouco |]{bad}[, |; |. ][vamos de|vamos com|vamos usar|prefiro|melhor|bota|põe|que tal] {new}",
            "{f} [não é|nunca foi] [um bom nome|um nome bom|a palavra certa|o termo certo|um nome claro][, |; |: ][use|usa|fica|vai de|o certo é] {new}",
            "vamos [usar|chamar de|com|de] {new} [em vez de|no lugar de|onde hoje é] {f}",
            "[eu chamaria|a gente devia chamar|prefiro chamar] {f} de {new}",
            "{new} [é mais claro que|fica melhor que|diz mais que|é melhor do que|combina mais que] {f}",
            "{f} [diz pouco|não ajuda|não explica|confunde|engana todo mundo][, |; ][troca por|usa|fica|chama de] {new}",
            "[a documentação|o cliente|todo mundo|o time] [chama de|fala|diz] {new}, [o código|a gente] [ainda |]diz {f}",
            "[de agora em diante|daqui em diante|a partir de hoje] {f} [é|fica sendo|atende por|passa a ser] {new}",
            "o que hoje [é|se chama] {f} [deve ser|deveria ser|vira] {new}",
            "[tira|abandona|larga] o nome {f} e [usa|põe|fica com] {new}",
            "o nome {f} [confunde|engana|já existe em outro lugar|bate com outro][, |; |, então ]{new} [fica melhor|por favor|então]",
            "{f} [podia|poderia|pode] se chamar {new}[?|]",
            "{new}, e não {f}",
            "tem um erro de digitação em {f}, [o certo é|é|deve ser] {new}",
        ],
        "add_parameter": [
            "[dava pra ter|dá pra ter|queria|vamos ter|seria bom ter] [um|o|uma opção] {p} {emf}{d}",
            "um [parâmetro|argumento] {p} {emf} [ajudaria|seria útil|cairia bem|ia ajudar]{d}",
            "[quem chama|a gente|o usuário] [precisa|quer|deve] [poder |][escolher|informar|definir|passar|dizer] {p}{t} {emf}{d}",
            "{of} [ainda não tem|não recebe|não aceita|não tem] [o |um |]{p}[, coloque|, adicione|, põe|, bota]{d}",
            "{f} com [mais um|outro] [parâmetro|argumento]: {p}{t}{d}",
            "deve ser possível [definir|passar|escolher|informar] {p}{t} {emf}{d}",
            "{of} [também |]depende de {p}{t}{d}, [receba isso|passe como parâmetro|que seja parâmetro]",
            "[passa|manda] {p}{t} [também |]{af}{d}",
            "{f}(..., {p}{t}{d})",
        ],
        "change_parameter": [
            "{of} [usa|tem] {p} {old} [por padrão|de padrão|][, |; ][mude pra|troca pra|deveria ser|põe|bota] {v}",
            "{old} é [pouco|muito|demais|baixo demais|alto demais|curto] [para|pra|em] {p} {emf}[, |; ][use|põe|bota|deixa|coloque] {v}",
            "[passe|leve|mude|suba|baixe] o {p} [padrão |]{df} de {old} para {v}",
            "{p} {emf}: {v} [por padrão|em vez de {old}|se não vier]",
            "[se|quando] [ninguém passar|não passarem|não vier|não informarem|a gente não passar] {p}, {of} [deve usar|usa|assume|deve assumir] {v}",
            "[sem|na falta de] {p}, {of} [deve usar|usa|vai de|assume] {v}",
            "o {p} {df} [tá|está] [baixo|alto|curto|errado|desatualizado|longo demais], [{v} por favor|põe {v}|o certo é {v}|bota {v}]",
            "{v} [é|seria] um padrão melhor para {p} {emf}",
            "a assinatura {df} deve dizer {p}={v}",
        ],
        "set_value": [
            "{f} {v}[ por favor| daqui pra frente| a partir de hoje|]",
            "{f} [pra|para] {v}",
            "{v} [em|para|pra|de] {f}[ por favor| a partir de hoje|]",
            "{f} [agora |][começa em|começa a partir de|vai até|termina em|fica em|sobe para|cai para] {v}",
            "{f} [foi|passou|subiu|caiu|mudou] [para|pra] {v}",
            "{f} [é|era|está em|tá em] {old}[, |; |, mas ][deve ser|deveria ser|precisa ser|tem que ser|muda pra|bota] {v}",
            "{old} é [pouco|muito|demais|baixo|alto|curto] [para|pra|em] {f}[, |; ][use|põe|bota|deixa|coloca] {v}",
            "[passe|leve|mude|suba|baixe|muda|troca] {f} de {old} para {v}",
            "{v} em vez de {old} em {f}",
            "{f}: {old} -> {v}",
            "[combinamos|o cliente quer|o chefe quer|a diretoria decidiu|a lei manda|o contrato diz] {v} [para|pra|em] {f}",
            "[garanta que|confira que|veja se|certifique-se de que] {f} [é|seja|esteja em|fique em] {v}",
            "[permita|aceite|tolere] [até |no máximo |]{v} em {f}",
            "o novo valor {df}: {v}",
            "{f} [tinha que|devia|deveria] [ser|valer|ter] {v}",
            "{f} [pode|podia] ser {v}?",
        ],
        "add_import": [
            "{f} [usa|chama] {i} de {m} [mas não importa|sem importar|e falta o import]",
            "{i} não está importado em {f}[, fica em|, vem de|; está em|, mora em] {m}",
            "[traz|traga|puxa|puxe] {i} de {m} [pra|para] {f}",
            "{f} [vai usar|quer usar|usará] {i} de {m}",
            "no topo de {f}: {stmt}",
            "{i} ({m}) [deve|precisa] [ser importado|estar disponível] em {f}",
            "a gente vai usar {i} em {f}, então importa de {m}",
        ],
    },
}
BAD = {
    "en": "generic vague long short cryptic technical general old-fashioned clumsy unclear wordy".split(),
    "pt": "genérico vago longo curto técnico comprido obscuro antigo feio confuso".split(),
}
SWITCH = {
    "en": {"True": ["turn {f} on", "switch {f} on", "{f} on", "{f} on please", "have {f} enabled", "{f} should be on",
                    "{f} should be enabled", "we want {f} on", "{f} yes", "flip {f} to on", "{f} has to be active"],
           "False": ["turn {f} off", "switch {f} off", "{f} off", "{f} off please", "have {f} disabled", "{f} should be off",
                     "{f} should be disabled", "we want {f} off", "no more {f}", "flip {f} to off", "{f} must be off"]},
    "pt": {"True": ["liga {f}", "deixe {f} ligado", "deixa {f} ligado", "{f} ligado", "{f} tem que estar ativo", "quero {f} ligado",
                    "{f} deve ficar ativado", "pode ligar {f}", "bota {f} como ligado"],
           "False": ["desliga {f}", "deixe {f} desligado", "deixa {f} desligado", "{f} desligado", "chega de {f}", "quero {f} desligado",
                     "{f} deve ficar desativado", "pode desligar {f}", "bota {f} como desligado"]},
}  # fmt: skip
CORE["en"]["set_value"] += MORE["en"]["set_value"]
CORE["pt"]["set_value"] += MORE["pt"]["set_value"]
for _language in ("en", "pt"):
    for _verb in ("rename", "add_parameter", "change_parameter", "add_import"):
        CORE[_language][_verb] += MORE[_language][_verb]

DEFAULT["en"] += [
    ", {v} unless [told otherwise|given|set|specified]", ", {v} if [not given|omitted|missing|nothing is passed]",
    ", usually {v}", ", normally {v}", " starting at {v}", ", initially {v}", " ({v} by default)", ", {v} when omitted",
]  # fmt: skip
DEFAULT["pt"] += [
    ", {v} se não [vier|for informado|passarem|disserem nada]", ", {v} quando não [vier|informado]", ", normalmente {v}",
    ", em geral {v}", " começando em {v}", " ({v} por padrão)", ", {v} na falta", " sendo {v} o padrão",
]  # fmt: skip
ENTRY_DICT["en"] += [
    "{c} [has no|has nothing for|doesn't have|is without] {k} yet[, |; |: ][it is|it's|that is|make it|should be|use] {v}",
    "{k} [is|means|stands for|goes to|belongs to] {v}, [put that in|note it in|tell|keep that in] {c}",
    "{k} [is|->|:] {v} in {c}[ too| as well| please|]",
    "{c}: {k} {v}",
    "{c} [gets|should get|wants|could use] {k}[:| with| =] {v}",
    "we [also |][sell|have|need|use] {k} now, {c} should [say|give|hold] {v} [for it|there]",
    "[one more|another] [entry|pair|line] [in|for] {c}: {k} [:|->|with|=] {v}",
]
ENTRY_DICT["pt"] += [
    "{c} [não conhece|ainda não tem|não tem] {k}[, |; |: ][é|vale|fica|o valor é|deve ser] {v}",
    "{k} [é|vale|significa|corresponde a|vai para] {v}, [põe isso em|anota em|guarda em] {c}",
    "{k} [é|->|:] {v} em {c}[ também| por favor|]",
    "{c}: {k} {v}",
    "{c} [ganha|deve ganhar|precisa ganhar] {k}[:| com| =] {v}",
    "mais [uma entrada|um par|uma linha] em {c}: {k} [:|->|com|=] {v}",
]
ENTRY_LIST["en"] += [
    "{v} [too |also |]in {c}[ please|]",
    "{v} [goes|should go|must go] [in|into] {c}[ too| as well|]",
    "[don't forget|remember|we forgot] {v} in {c}",
    "we [also |][need|have|use|sell|take|want] {v}[ now|][, |: |; ][put it in|it goes into|add it to|so put it into] {c}",
    "{c} [doesn't know|knows nothing of|has no] {v} yet",
    "[allow|permit|enable|handle] {v} in {c}",
    "{c}: {v} [too|as well|is missing]",
    "[teach|tell] {c} about {v}",
]
ENTRY_LIST["pt"] += [
    "{v} [também |]em {c}[ por favor|]",
    "{v} [vai|entra|tem que entrar|deve entrar] em {c}[ também|]",
    "[não esqueça|lembra|esquecemos] de {v} em {c}",
    "[a gente|nós] também [tem|usa|precisa de|vende] {v}[, |: |; ][põe em|coloca em|bota em|entra em] {c}",
    "{c} [não conhece|ainda não tem] {v}",
    "[permita|habilite|libera|trata] {v} em {c}",
    "{c}: {v} [também|falta]",
]
GUARD_PLAIN["en"] += [
    "{f} must never [be called with|get|see|receive|run with|work with] {adj}{msg}",
    "{f} [can't|cannot|shouldn't|isn't able to|won't] [handle|take|deal with|work with|be called with] {adj}{msg}",
    "no {adj} [in|for] {f}{msg}",
    "calling {f} with {adj} [is a bug|is an error|is forbidden|should not be possible|must not happen]{msg}",
    "[if|when] {c} in {f}, [complain|fail|stop|refuse|error out|give up]{msg}",
    "[if|when] {c}, {f} [should|must] [complain|fail|stop|refuse|give up|not go on]{msg}",
    "[people|callers|users] [pass|send|give] {adj} to {f}, [that must stop|forbid it|don't let them|block that]{msg}",
    "{f} [breaks|crashes|does strange things] [if|when] {c}, [check|guard|validate] that[ first|]{msg}",
    "before anything else {f} should [check|make sure] that {must}{msg}",
    "{must}, [check that in|enforce it in|so check it in] {f}{msg}",
]
GUARD_PLAIN["pt"] += [
    "{of} nunca [deve|pode|deveria] [receber|ver|rodar com|trabalhar com] {adj}{msg}",
    "{of} não [aguenta|trata|sabe lidar com|funciona com] {adj}{msg}",
    "nada de {adj} {emf}{msg}",
    "chamar {f} com {adj} [é um erro|é proibido|não pode acontecer|não deve ser possível]{msg}",
    "[se|quando] {c} {emf}, [reclame|falhe|pare|recuse|dê erro|barra]{msg}",
    "[se|quando] {c}, {of} [deve|tem que] [reclamar|falhar|parar|recusar|barrar]{msg}",
    "[estão passando|mandam|o pessoal manda] {adj} [para|pra] {f}, [isso tem que parar|proíba|não deixe|bloqueia]{msg}",
    "{of} [quebra|dá pau|se perde] [se|quando] {c}, [verifique|valide|cheque] isso[ antes|]{msg}",
    "antes de tudo {of} deve [verificar|garantir|checar] que {must}{msg}",
    "{must}, [confere isso|garanta isso|valida isso] {emf}{msg}",
]
GUARD_RAISE["en"] += [
    "{e} [in|from] {f} [if|when|whenever] {c}{msg}",
    "{c} in {f}: {e}{msg}",
    "[if|when] {c}, [i want|we want|i expect|we expect] {e} from {f}{msg}",
    "{f} [raises|throws] {e} [if|when] {c}{msg}",
    "{c}? then {f} [must|should] raise {e}{msg}",
]
GUARD_RAISE["pt"] += [
    "{e} {emf} [se|quando|caso] {c}{msg}",
    "{f}: {e} [se|quando] {c}{msg}",
    "[se|quando] {c}, [quero|queremos|espero] {e} {emf}{msg}",
    "{of} [lança|levanta|dá] {e} [se|quando] {c}{msg}",
]
CLONE["en"] += [
    "{new}: same [thing|code|logic|stuff] as {f}{to}",
    "[a second|one more|another] {f}, [called|named|this time called] {new}{to}",
    "{new} should [look|behave|work|be written] [exactly |just |]like {f}{to}",
    "start {new} [from|off|out of] {f}{to}",
    "[we need|i need] the same as {f} [but called|under the name|named] {new}{to}",
    "[do for {new} what we did|the same] with {f}, [call it|named] {new}{to}",
]
CLONE["pt"] += [
    "{new}: [mesma coisa|mesmo código|a mesma lógica] que {f}{to}",
    "[mais um|outro|um segundo] {f}, [chamado|com o nome|agora chamado] {new}{to}",
    "{new} deve [ficar|funcionar|ser] [igualzinho |exatamente |]como {f}{to}",
    "[comece|começa] {new} a partir de {f}{to}",
    "[preciso|precisamos] do mesmo que {f} [mas chamado|com o nome|só que chamado] {new}{to}",
]
BEFORE_ANY["en"] += [
    "as agreed in the meeting, ", "the client called: ", "for the release, ", "since it is confusing, ",
    "quick question, could we do this: ", "because of the new law, ", "to make the docs right, ", "hi! ", "btw ",
    "nothing urgent: ", "reviewers asked for this: ", "ticket 482: ", "guys, ", "ok so ", "fyi: ",
]  # fmt: skip
BEFORE_ANY["pt"] += [
    "como combinado na reunião, ", "o cliente ligou: ", "para a entrega, ", "pra não confundir, ", "por causa da nova lei, ",
    "pessoal, ", "gente, ", "aproveitando, ", "sem pressa: ", "pediram na revisão: ", "chamado 482: ", "opa, ", "beleza, ",
]  # fmt: skip

# ------------------------------------------------------------------ what is no task, or too much
TOO_MUCH = "that needs more than small edits"
NOT_CODE = "not a code change"
NONE[NOT_CODE]["en"] += [
    "[did|do|does|will|would|has] [you|anyone|somebody|the team] [rename|renamed|change|changed|touch|look at|review] {x}[ already| yesterday| lately|]?",
    "[who|when|why did we|why did they] [changed|change|renamed|rename|add|remove] {x}?",
    "[what happens|what do we get|which error do we get] [if|when] {w} is [negative|empty|None|zero|missing] in {x}?",
    "[should|could|must|may] {x} be [smaller|None|private|{w}|larger|tested]?",
    "[is|isn't] {x} [the same as|better than|older than|part of] {w}?",
    "[can|could] you [explain|tell me|show me|describe|walk me through] [{x}|how {x} works|what {x} does|why {x} exists]?",
    "[what's|what is] the [difference|relation|distance] between {x} and {w}?",
    "[i like|i hate|i wonder about|i dreamt of|we talked about|never mind] {x}",
    "[good job|well done|great work|perfect|nice|cool|lol|hmm|ok|yes|no|maybe|help][!|.|]",
    "[read|open|find|search|look at|review|check] {x}[ for me| please| carefully|]",
    "[how|where] [do i|can i|should i] [use|call|test|find|install] {x}?",
    "[the|our] {w} [is|was|looks] [nice|late|broken|green|empty] [today|again|]",
    "[commit|undo|revert|stash|merge|rebase|tag] [everything|the last change|my work|this branch|to main]",
    "[remind|tell|call|email] [me|bob|the team|my boss] [tomorrow|at five|about {w}|later]",
    "[which|what] [values|arguments|types|errors] [can|does|may] {x} [have|take|raise|return]?",
]
NONE[NOT_CODE]["pt"] += [
    "[você|alguém|o time] já [renomeou|mudou|mexeu em|revisou|viu] {x}?",
    "[quem|quando|por que] [mudou|mudaram|renomearam|criaram|tiraram] {x}?",
    "o que acontece [se|quando] {w} [for negativo|vier vazio|for None|for zero|faltar] em {x}?",
    "[será que|acha que] {x} [devia|deveria|poderia] ser [menor|privado|{w}|testado]?",
    "{x} é [a mesma coisa que|melhor que|parte de] {w}?",
    "[pode|dá pra|consegue] [explicar|me dizer|mostrar|descrever] [{x}|como {x} funciona|o que {x} faz|por que existe {x}]?",
    "[qual é|qual] a [diferença|relação] entre {x} e {w}?",
    "[gosto de|odeio|sonhei com|falamos de|deixa pra lá] {x}",
    "[bom trabalho|muito bem|perfeito|legal|beleza|kkk|hmm|ok|sim|não|talvez|ajuda][!|.|]",
    "[leia|abra|procure|busque|olha|revise|confira] {x}[ pra mim| por favor|]",
    "[como|onde] [eu |][uso|chamo|testo|acho|instalo] {x}?",
    "[o|nosso] {w} [está|ficou] [bonito|atrasado|quebrado|verde|vazio] [hoje|de novo|]",
    "[comita|desfaz|reverte|faz merge de|guarda] [tudo|a última mudança|meu trabalho|esse branch]",
    "me [lembre|avise|ligue] [amanhã|às cinco|sobre {w}|depois]",
    "[quais|que] [valores|argumentos|tipos|erros] {x} [pode ter|aceita|lança|devolve]?",
]
NONE[TOO_MUCH]["en"] += [
    "[delete|remove|erase|wipe|drop|kill] {x} and [everything that uses it|all its callers|the whole module|all the rest]",
    "[delete|remove|empty|overwrite] [the .git folder|.git|.git/config|the whole repository|all files|/etc/passwd|my home folder|the database]",
    "[run|execute|call] [rm -rf /|curl|a shell command|sudo reboot|pip install {w}]",
    "[convert|turn|make] {x} [to|into] [async|a coroutine|a generator|a web service|recursion]",
    "[split|merge|extract|inline] {x} [into|to|with|out of] [two functions|another module|several files|{w}|its own package]",
    "[sort|simplify|speed up|shorten|rewrite|clean up|document|comment] {x}[ a bit| please|]",
    "{x} [should|must] [use|call|go through|be based on] [a cache|a database|threads|another algorithm|the new API|async io]",
    "[integrate|connect|hook up] [this|it|{x}|the project] [with|to] [slack|whatsapp|google|stripe|the bank|s3|kafka]",
    "[write|implement|code|build|program] [a function|a class|something] [that|which] [computes|finds|sorts|downloads|parses|predicts] {w}[ and {w}| from {w}|]",
    "[log|print|measure|count|cache] [every call|each call|all calls|the time|errors] [in|of] {x}",
    "[install|upgrade|downgrade|pin] [numpy|django|all packages|the dependencies|python]",
    "[set up|configure|add] [docker|ci|github actions|linting|monitoring|logging|backups|kubernetes]",
    "make {x} [return|compute|do|print] [something else|the right thing|{w} instead of {w}|both]",
    "[find out why|debug|investigate why] {x} [fails|is slow|crashes|returns None]",
]
NONE[TOO_MUCH]["pt"] += [
    "[apague|remova|exclua|delete|apaga|some com|tira] {x} e [tudo que usa|tudo que depende dele|quem chama|o resto]",
    "[apague|remova|esvazie|sobrescreva|apaga] [a pasta .git|o .git|.git/config|o repositório inteiro|todos os arquivos|o /etc/passwd|a minha home|o banco]",
    "[rode|execute|roda] [rm -rf /|curl|um comando no shell|sudo reboot|pip install {w}]",
    "[converta|transforme|passe] {x} [para|em] [async|uma corrotina|um gerador|um serviço web|recursão]",
    "[divida|junte|extraia|separe] {x} [em|com|para] [duas funções|outro módulo|vários arquivos|{w}|um pacote próprio]",
    "[ordene|simplifique|acelere|encurte|reescreva|limpe|documente|comente] {x}[ um pouco| por favor|]",
    "{x} [deve|deveria] [usar|chamar|passar por] [um cache|um banco|threads|outro algoritmo|a nova API]",
    "[integre|conecte|ligue] [isso|o projeto|tudo] [com o|ao] [slack|google|stripe|banco|s3|kafka|telegram]",
    "[escreva|implemente|programe|faça] [uma função|uma classe|algo] que [calcule|ache|ordene|baixe|interprete|preveja] {w}[ e {w}| de {w}|]",
    "[registre|imprima|meça|conte] [cada chamada|todas as chamadas|o tempo|os erros] [em|de] {x}",
    "[instale|atualize|fixe] [o numpy|o django|todos os pacotes|as dependências|o python]",
    "[configure|adicione|monte] [docker|ci|github actions|monitoramento|logs|backups|kubernetes]",
    "faça {x} [devolver|calcular|fazer|imprimir] [outra coisa|o certo|{w} em vez de {w}|os dois]",
    "[descubra por que|investigue por que|depure] {x} [falha|está lento|quebra|devolve None]",
]
# A second act that leaves out the verb: "set A to 1 and B to 2".
SHORT = {
    "en": {
        "set_value": ("[set|change|put] {f} to {v}", " and ", "{f} to {v}"),
        "rename": ("rename {f} to {new}", " and ", "{f} to {new}"),
        "be": ("{f} should be {v}", " and ", "{f} {v}"),
    },
    "pt": {
        "set_value": ("[mude|altere|troque|coloque|muda] {f} para {v}", " e ", "{f} para {v}"),
        "rename": ("[renomeie|renomeia] {f} para {new}", " e ", "{f} para {new}"),
        "be": ("{f} deve ser {v}", " e ", "{f} {v}"),
    },
}
