"""The phrasing of what takes away, moves and annotates, in English and Brazilian Portuguese.

The same marks as in sentences.py: `[a|b|]`, `{slot}`. `{f}` is the symbol, `{p}` a parameter of it,
`{k}` an entry, `{ty}` a type, `{d}` a decorator, `{path}` a file, `{x}` a text.
"""

from __future__ import annotations

GONE = {
    "en": [
        "[delete|remove|drop|erase|kill|nuke|axe|scrap] {f}",
        "[delete|remove|drop] {f}[, nobody uses it| since it is unused|, it's dead code|, it is never called| entirely| completely|]",
        "[get rid of|do away with|throw away|throw out|clean out] {f}",
        "{f} [is dead code|is not used any more|isn't used anywhere|is obsolete|is unused|is no longer needed|serves no purpose][, |; |: |. ][delete it|remove it|drop it|get rid of it|kill it]",
        "{f} [can go|should go|must go|has to go|can be removed|should be deleted|can be deleted|needs to be removed]",
        "[we don't need|we no longer need|nobody needs|nothing uses] {f}[ any more| anymore|][, |; |: |, so ][delete it|remove it|drop it]",
        "[i want|we want] {f} [gone|removed|deleted|out of the code]",
        "[can|could] {f} be [removed|deleted|dropped][?|]",
        "remove [the unused|the obsolete|the old|unused|dead code:] {f}",
        "no more {f}, [delete|remove] it",
    ],
    "pt": [
        "[apague|apagar|apaga|remova|remover|remove|exclua|excluir|exclui|delete|deleta|elimine|elimina] {f}",
        "[apague|remova|exclua|tira|apaga] {f}[, ninguém usa| que não é mais usado|, é código morto|, não é chamado em lugar nenhum| de vez|]",
        "[livre-se de|joga fora|jogue fora|some com|dá um fim em|se livra de] {f}",
        "{f} [é código morto|não é mais usado|não se usa mais|está obsoleto|não serve pra nada|ninguém usa][, |; |: |. ][apaga|remove|apague|remova|pode apagar|pode tirar]",
        "{of} [pode sumir|tem que sair|deve ser removido|pode ser apagada|pode ser excluído|precisa sair|pode sair]",
        "[não precisamos mais de|ninguém precisa de|nada usa|não usamos mais] {f}[, |; |: |, então ][apaga|remova|pode excluir|tira]",
        "[quero|queremos] {f} [fora do código|apagado|removido]",
        "[dá pra|pode|podemos] [apagar|remover|excluir|tirar] {f}[?|]",
        "[tire|retire|tira|retira] {f} [do código|do projeto|daí]",
    ],
}
GONE_FILE = {
    "en": [
        "[delete|remove|drop|erase] [the file |the module |]{f}",
        "[the file |]{f} [is not used any more|is a duplicate|is empty|is obsolete|can go|should go][, |; |: |, so ][delete it|remove it|delete the file]",
        "[get rid of|throw away] [the file |the module |]{f}",
        "[we don't need|nobody needs] [the file |]{f} [any more|now][, |; ][delete it|remove it]",
    ],
    "pt": [
        "[apague|remova|exclua|delete|apaga|exclui] [o arquivo |o módulo |]{f}",
        "[o arquivo |]{f} [não é mais usado|está duplicado|está vazio|ficou obsoleto|pode sair][, |; |: |, então ][apaga|remove|apague o arquivo|pode apagar]",
        "[joga fora|livre-se de] {f}",
        "[não precisamos mais|ninguém precisa] [do arquivo|de] {f}[, |; ][apaga|exclui|remova]",
    ],
}
MOVE = {
    "en": [
        "[move|shift|relocate|transfer] {f} [to|into|over to] {path}",
        "{f} [belongs in|should live in|should be in|fits better in|has no business here, put it in|ought to be in] {path}",
        "[put|place] {f} [in|into] {path}[ instead| please|]",
        "[take|pull] {f} [out and put it in|over into|out into] {path}",
        "{f} should [move|go|be moved] to {path}",
        "the [right|proper] [home|place] [for|of] {f} is {path}",
        "{path} [is the right place for|should hold|should get|is where we want] {f}[, move it| there|]",
    ],
    "pt": [
        "[mova|mover|move|transfira|leve|leva|passe|passa|mude|muda] {f} [para|pra|para o arquivo] {path}",
        "{of} [deveria ficar|deve ficar|tem que ficar|fica melhor|combina mais] em {path}",
        "[coloque|bota|põe|coloca] {f} [em|lá em|dentro de] {path}",
        "{of} [deve|tem que|precisa] [ir|ser movido|ser movida] para {path}",
        "o lugar [certo |]{df} é {path}",
        "[tira|tire] {f} daqui e [põe|coloca] em {path}",
    ],
}
MOVE_FILE = {
    "en": [
        "[move|rename|relocate] [the file |]{f} to {path}",
        "[the file |]{f} [should be called|should be named|should be|must be called|is now called|becomes] {path}",
        "[put|move] [the file |]{f} [to|under|at] {path}",
        "[change|switch] the [file name|name] of {f} to {path}",
        "call [the file |]{f} {path} [instead|from now on|]",
        "{f} -> {path}",
    ],
    "pt": [
        "[mova|renomeie|passe|move|renomeia|leva] [o arquivo |]{f} para {path}",
        "[o arquivo |]{f} [deve se chamar|devia se chamar|deveria se chamar|vira|passa a ser|tem que se chamar] {path}",
        "[mude|troque|muda] o nome [do arquivo |de ]{f} para {path}",
        "[coloque|põe] [o arquivo |]{f} em {path}",
        "{f} -> {path}",
    ],
}
LESS_PARAMETER = {
    "en": [
        "[remove|drop|delete|get rid of|take out] [the |][parameter|argument|param|arg] {p} [from|of|in] {f}",
        "[remove|drop|delete|kill] {p} from {f}",
        "[remove|drop|delete|get rid of] the {p} [parameter|argument|param|option|flag] [from|of|in] {f}",
        "{f} [doesn't need|does not need|no longer needs|shouldn't take|should not take|never uses|ignores] {p}[ any more| anymore|][, remove it|, drop it|, take it out|]",
        "{f} should [stop taking|no longer take|not take|lose] [the |]{p}[ parameter| argument|]",
        "the {p} [parameter|argument] of {f} [is unused|is never used|is useless|can go|should go][, remove it|, drop it|]",
        "nobody passes {p} to {f}, [remove it|drop it|remove that parameter]",
        "take {p} out of [the signature of |the parameters of |]{f}",
        "{f} without {p}[ please|]",
        "in {f}[,|] [drop|remove] [the parameter |the argument |]{p}",
    ],
    "pt": [
        "[remova|remover|tire|tira|retire|apague|elimine|exclua] o [parâmetro|argumento|param] {p} [{df}|{emf}]",
        "[remova|tire|tira|retira] {p} [{df}|da assinatura {df}|dos parâmetros {df}]",
        "{of} [não precisa mais de|não precisa de|não usa mais|não usa|não deveria receber|não deve receber] {p}[, remove|, tira|, tire|]",
        "{of} deve [deixar de receber|parar de receber|perder] [o parâmetro |o |]{p}",
        "o [parâmetro|argumento] {p} {df} [não é usado|é inútil|pode sair|deve sair|não serve pra nada][, remove|, tira|]",
        "ninguém passa {p} [para|pra] {f}, [tira|remove esse parâmetro|remova]",
        "{f} sem {p}[, por favor|]",
        "{emf}[,|] [tire|remova|tira] [o parâmetro |o argumento |]{p}",
    ],
}
RENAME_PARAMETER = {
    "en": [
        "[rename|change] [the |][parameter|argument|param|arg] {p} [of|in] {f} to {new}",
        "[rename|change] the {p} [parameter|argument|param] [of|in] {f} to {new}",
        "rename {p} [of|in] {f} to {new}",
        "in {f}[,|] [rename|call|name] [the parameter |the argument |]{p} {to}{new}",
        "[the |]{p} [parameter|argument|param] of {f} [should be called|should be|must be called|should be named|needs to be called] {new}",
        "{p} in {f} [should be called|should be named|is a bad name, call it|is a terrible name, use|says nothing, make it] {new}",
        "{f} should [take|receive|have] {new} instead of {p}",
        "call [the |]{p} [argument|parameter] of {f} {new}[ instead|]",
        "{f}: {p} -> {new}",
        "{f}({p}) -> {f}({new})",
        "{f}({p}) should be {f}({new})",
    ],
    "pt": [
        "[renomeie|renomear|renomeia|mude|troque] o [parâmetro|argumento|param] {p} [{df}|{emf}] para {new}",
        "[mude|troque|altere|muda] o nome do [parâmetro|argumento] {p} [{df}|{emf}] [para|pra] {new}",
        "[renomeie|renomeia] {p} {emf} para {new}",
        "{emf}[,|] {p} [vira|deve se chamar|passa a se chamar|devia ser|tem que se chamar] {new}",
        "{emf}[,|] [renomeie|renomeia|chame|chama] [o parâmetro |]{p} [para|de] {new}",
        "o [parâmetro|argumento] {p} {df} [deve se chamar|deveria se chamar|vira|devia ser|passa a ser] {new}",
        "o {p} {df} [deveria se chamar|vira|passa a se chamar|é um nome ruim, usa] {new}",
        "{of} deve receber {new} em vez de {p}",
        "{f}: {p} -> {new}",
        "chame o {p} {df} de {new}",
    ],
}
RETYPE = {
    "en": [
        "[change|set|make] the type of {p} [in|of] {f} [to |]{ty}",
        "{p} [in|of] {f} [should be|must be|has to be] [of type |]{ty}",
        "[make|annotate|type|declare] {p} [in|of] {f} [as |]{ty}",
        "[annotate|type] the {p} [parameter|argument] of {f} [as|with|to be] {ty}",
        "the {p} [parameter|argument] of {f} [is|should be|should be typed as|should be annotated as|should have the type|needs the type] {ty}",
        "{f} should take {p} as [a |]{ty}",
        "add the type {ty} to {p} in {f}",
        "in {f}[,|] {p} [should have|needs] [the type|type] {ty}",
        "in {f}[,|] [make|type|annotate] {p} [as |]{ty}",
        "{f}: {p} is {ty}",
    ],
    "pt": [
        "[mude|troque|altere|defina|muda] o tipo de {p} {emf} para {ty}",
        "{p} {emf} [deve ser|tem que ser|precisa ser] [do tipo |]{ty}",
        "[anote|tipe|declare|anota] {p} {emf} como {ty}",
        "[anote|tipe|anota] o [parâmetro|argumento] {p} {df} [como|com] {ty}",
        "o [parâmetro|argumento] {p} {df} [é do tipo|deve ser do tipo|deveria ser|tem que ser do tipo] {ty}",
        "{of} deve receber {p} como {ty}",
        "{emf}[,|] {p} [deve ter|precisa d]o tipo {ty}",
        "{f}: {p} é do tipo {ty}",
        "põe o tipo {ty} no {p} {df}",
    ],
}
RETURNS = {
    "en": [
        "{f} [should be annotated as returning|returns|should return|must return|is supposed to return|gives back] {ty}[, annotate it|, annotate that|, say so in the signature|, add the annotation]",
        "[set|change|make] the return type of {f} [to|be|as] {ty}",
        "[add|give|put] [the|a] return [type|annotation] {ty} [to|on] {f}",
        "[annotate|type] {f} [as returning|with the return type|to return|with -> ] {ty}",
        "the return type of {f} [should be|is|must be|is wrong, it is] {ty}",
        "{f} -> {ty} [as return type|in the signature|annotation]",
        "{f} [needs|lacks|is missing] [a|the] return [type|annotation][:| of] {ty}",
        "annotate the return of {f} as {ty}",
        "declare that {f} returns {ty}",
    ],
    "pt": [
        "{of} [devolve|retorna|deve devolver|deve retornar|tem que devolver] {ty}[, anote|, anota isso|, põe a anotação|, coloca na assinatura]",
        "[mude|defina|troque|altere|muda] o tipo de retorno {df} para {ty}",
        "[adicione|coloque|põe|bota] [o|um] tipo de retorno {ty} [em|na] {f}",
        "[anote|tipe|anota] {f} [com retorno|com o tipo de retorno|como retornando|para devolver] {ty}",
        "o [tipo de retorno|retorno] {df} [é|deve ser|deveria ser|está errado, é] {ty}",
        "{of} [precisa|está sem|não tem] [do |o |]tipo de retorno[:|, que é] {ty}",
        "anote o retorno {df} como {ty}",
        "declare que {f} [devolve|retorna] {ty}",
    ],
}
DECORATE = {
    "en": [
        "[decorate|mark] {f} [with|as|using] {d}",
        "[add|put|attach|stick] [the |a |]{d} [decorator |][to|on|onto|above] {f}",
        "[add|put] the decorator {d} [to|on|above] {f}",
        "{f} [should be|must be|needs to be|ought to be|has to be] [a |decorated with |marked as |marked as a |]{d}",
        "{f} [needs|wants|should have|is missing|could use|lacks] [the|a] {d} decorator",
        "make {f} [a |]{d}",
        "turn {f} into a {d}",
        "use {d} [on|for] {f}[ as a decorator|]",
        "{d} on {f}[ please|]",
    ],
    "pt": [
        "[decore|decorar|marque|marca|anote] {f} [com|como] {d}",
        "[adicione|coloque|põe|bota|inclua] o [decorador|decorator] {d} [em|no|na|acima de] {f}",
        "[coloque|põe|bota] {d} [em|no|na|sobre] {f}",
        "{of} [deve ser|deveria ser|tem que ser|precisa ser] [um |uma |decorado com |marcado como |]{d}",
        "{of} [precisa|está sem|deve ter] [do|o] decorador {d}",
        "[faça|faz] {f} [ser|virar] [um |uma |]{d}",
        "[transforme|transforma] {f} em [um |uma |]{d}",
        "use {d} como [decorador|decorator] {df}",
    ],
}
UNDECORATE = {
    "en": [
        "[remove|drop|delete|take] the {d} decorator [from|off] {f}",
        "[remove|drop|strip] {d} from {f}",
        "[remove|take off|get rid of] the decorator {d} [of|from|on] {f}",
        "{f} [should not be|shouldn't be|is not|isn't|is no longer] [a |decorated with |]{d}[ any more|, remove the decorator|]",
        "{f} doesn't need [the |]{d} [decorator|][any more|]",
        "undecorate {f}: no {d}[ any more|]",
    ],
    "pt": [
        "[remova|tire|tira|retire|apague] o [decorador|decorator] {d} [{df}|{emf}]",
        "[remova|tire|tira] {d} {df}",
        "{of} não [deve ser|é mais|deveria ser] [um |uma |]{d}[, tira o decorador|, remova o decorador|]",
        "{of} não precisa [mais |]do [decorador |decorator |]{d}",
    ],
}
DOC = {
    "en": [
        "[set|change|update] the [docstring|doc string|documentation] of {f} to {x}",
        "[add|write|give|put] [a|the] docstring {x} [to|on|in] {f}",
        "document {f} [with|as|saying|:] {x}",
        "[the|] docstring of {f} [should say|should be|should read|must say|: ] {x}",
        "[write|add] a docstring [for|to] {f}[:| saying| that says|, it should say] {x}",
        "{f} [needs|lacks|should have|is missing] [a|the] docstring[:| saying| like|,] {x}",
        "describe {f} [in its docstring |]as {x}",
    ],
    "pt": [
        "[defina|mude|troque|altere|atualize] a [docstring|documentação] {df} para {x}",
        "[adicione|coloque|escreva|põe|bota] [a|uma] docstring {x} {emf}",
        "documente {f} [com|como|dizendo|:] {x}",
        "a docstring {df} [deve dizer|deve ser|deveria dizer|: ] {x}",
        "[escreva|adicione|põe] uma docstring [para|em] {f}[:| dizendo| que diga] {x}",
        "{of} [precisa de|está sem|não tem|deve ter] [uma |]docstring[:| dizendo|,] {x}",
    ],
}
LESS_ENTRY = {
    "en": [
        "[remove|drop|delete|take|erase|kick] {k} [from|out of] {c}",
        "[remove|delete|drop] the [entry|item|key|value|element|option|line] {k} [from|in|of] {c}",
        "[get rid of|throw out] {k} in {c}",
        "{k} [should not be|shouldn't be|must not be|doesn't belong|has no business|should no longer be] in {c}[, remove it| any more|]",
        "{c} [should not|shouldn't|must not|should no longer] [contain|have|include|list|know|allow] {k}[ any more|]",
        "{c} without {k}[ please|]",
        "we [no longer|don't] [support|sell|use|need|offer|take|accept|allow] {k}[ any more|][, |; |: |, so ][remove it from|drop it from|take it out of] {c}",
        "{k} [can|should|must|has to] [go from|leave|be removed from|come out of|be deleted from] {c}",
        "no more {k} in {c}",
        "in {c}[,|] [remove|delete|drop] {k}",
    ],
    "pt": [
        "[remova|remover|tire|tira|retire|apague|exclua|retira|apaga] {k} de {c}",
        "[remova|tire|apague|exclua|tira] [a entrada|o item|a chave|o valor|o elemento] {k} [de|em] {c}",
        "[livre-se de|joga fora] {k} em {c}",
        "{k} não [deve|deveria|pode] [estar|ficar|aparecer] [mais |]em {c}[, tira|]",
        "{c} não [deve|deveria|pode] [ter|conter|incluir|aceitar] [mais |]{k}",
        "{c} sem {k}[, por favor|]",
        "não [usamos|vendemos|aceitamos|suportamos|temos] mais {k}[, |; |: |, então ][tira de|remove de|tire de] {c}",
        "{k} [pode|deve|tem que] sair de {c}",
        "chega de {k} em {c}",
        "em {c}[,|] [remova|tire|apague] {k}",
    ],
}
LESS_IMPORT = {
    "en": [
        "[remove|drop|delete|get rid of] the [import|unused import|import statement|obsolete import] {stmtm} [from|in] {f}",
        "[remove|drop|delete] [the line |]{stmt} [from|in] {f}",
        "{f} [doesn't need|does not need|no longer needs|never uses] {stmtm}[ any more|][, remove the import|, drop the import|, remove that import]",
        "the import of {stmtm} in {f} is [unused|not needed|dead|useless][, remove it|, drop it]",
        "[remove|drop] the [unused |]import of {stmtm} [from|in] {f}",
        "stop importing {stmtm} in {f}",
        "{f} should [not|no longer] import {stmtm}",
        "unused import in {f}: {stmtm}[, remove|, delete it]",
    ],
    "pt": [
        "[remova|tire|tira|apague|retire] o [import|import não usado] {stmtm} de {f}",
        "[remova|apague|tira] [a linha |]{stmt} de {f}",
        "{f} não [precisa mais de|usa|usa mais] {stmtm}[, tira o import|, remova o import|, remove esse import]",
        "o import de {stmtm} em {f} [não é usado|é inútil|está sobrando][, remova|, tira]",
        "[remova|tira|remove] o import [não usado |]de {stmtm} em {f}",
        "[pare de importar|para de importar] {stmtm} em {f}",
        "{f} não [deve|deveria] [mais |]importar {stmtm}",
    ],
}
FIELD = {
    "en": [
        "[add|put|include|introduce] [a|the|a new|another] [field|attribute|member|class attribute] {decl} [to|in|on] {f}",
        "{f} [needs|should have|wants|should get|must have|gets|is missing] [a|the|another|a new] [field|attribute] {decl}",
        "[give|extend] {f} [with |][a|another|a new] [field|attribute] {decl}",
        "new [field|attribute] [in|on|for] {f}: {decl}",
        "[add|put] {decl} [to|as a field of|as an attribute of|to the fields of] {f}",
        "{f}: [add|new] [field|attribute] {decl}",
    ],
    "pt": [
        "[adicione|coloque|inclua|crie|põe|adiciona] [um|o|um novo|mais um] [campo|atributo] {decl} [{emf}|{af}]",
        "{of} [precisa de|deve ter|ganha|tem que ter|precisa ter] [um|mais um|um novo] [campo|atributo] {decl}",
        "novo [campo|atributo] {emf}: {decl}",
        "[falta|faltou] o [campo|atributo] {decl} {emf}",
        "[adicione|coloque] {decl} [como campo {df}|como atributo {df}|nos campos {df}]",
        "{f}: [adicionar|novo] [campo|atributo] {decl}",
    ],
}
FIELD_DECLARED = {
    "en": ["{n}: {t} = {v}", "{n}: {t} = {v}", "{n} = {v}", "{n}: {t}", "{n} of type {t}", "{n} with value {v}", "{n} ({t}, default {v})", "`{n}: {t} = {v}`", "called {n}, type {t}, {v} by default", "{n} with default {v}",
           "{n}, a {t}, {v} [to begin with|at first|to start with|at the start|by default|unless set]", "{n} ({t}, [starts|begins|starting] at {v})", "{n}, {t}, {v}", "{n}: {t}, {v}", "{n} as {t}, {v} [to begin with|initially|by default]",
           "{n}, {v} [to begin with|at first|by default]", "{n} ({t}, {v} at first)", "{n}, which is a {t} and [starts|starts out|begins] {v}", "{n}, a {t} that is {v} [to begin with|at first]"],
    "pt": ["{n}: {t} = {v}", "{n}: {t} = {v}", "{n} = {v}", "{n}: {t}", "{n} do tipo {t}", "{n} com valor {v}", "{n} ({t}, padrão {v})", "`{n}: {t} = {v}`", "chamado {n}, tipo {t}, {v} por padrão", "{n} valendo {v}",
           "{n}, {t}, {v} [no começo|de início|por padrão|inicialmente]", "{n} ({t}, começa em {v})", "{n} ({t}, começando em {v})", "{n}: {t}, {v} [no começo|de início|por padrão]", "{n}, que é {t} e [começa|nasce|vem] {v}",
           "{n}, {v} [no começo|de início|por padrão]", "{n} ({t}, {v} no início)", "{n}, um {t}, {v} por padrão", "{n} ({t}, {v} por padrão)"],
}  # fmt: skip
MEMBER = {
    "en": [
        "[add|put|include] {n} [with value|=|with the value|as] {v} [to|in] {f}",
        "[add|put] [a|the|a new] member {n} = {v} [to|in] {f}",
        "{f} [needs|is missing|should have|gets|also has] {n} = {v}",
        "new [member|value] [in|for] {f}: {n} = {v}",
        "[extend] {f} with {n} = {v}",
        "{f}.{n} = {v}",
    ],
    "pt": [
        "[adicione|coloque|inclua|põe] {n} [com valor|=|com o valor|valendo] {v} [em|no] {f}",
        "[adicione|coloque] [um|o|um novo] membro {n} = {v} {emf}",
        "{of} [precisa de|deve ter|ganha|também tem] {n} = {v}",
        "falta {n} = {v} {emf}",
        "novo [membro|valor] {emf}: {n} = {v}",
    ],
}
DOC_TEXTS = {
    "en": ["Give the {w} of a {w}.", "The {w} of one {w}.", "Compute {w} and {w}.", "Holds {w} for each {w}.", "Return the {w}.",
           "Load {w} from the {w}.", "Not thread safe.", "Internal helper.", "A {w} with its {w}.", "Everything about {w}."],
    "pt": ["Devolve o {w} de um {w}.", "Calcula {w} e {w}.", "Guarda {w} para cada {w}.", "Carrega {w} do {w}.", "Uso interno.",
           "Um {w} com seu {w}.", "Tudo sobre {w}.", "Não é seguro em threads."],
}  # fmt: skip
DECORATORS = ["property", "staticmethod", "classmethod", "cache", "lru_cache", "functools.lru_cache", "functools.cache", "cached_property",
              "dataclass", "contextmanager", "abstractmethod", "override", "final", "retry", "login_required", "pytest.fixture", "app.command",
              "lru_cache(maxsize=128)", "dataclass(frozen=True)", "functools.wraps(func)", "deprecated", "timed", "requires_auth", "total_ordering"]  # fmt: skip
TYPES = ["int", "str", "float", "bool", "bytes", "Decimal", "Path", "datetime", "date", "dict", "list", "set", "tuple", "None", "object", "Any",
         "list[str]", "list[int]", "dict[str, int]", "str | None", "int | None", "tuple[int, ...]", "dict[str, Any]", "Iterator[str]", "float | None",
         "set[str]", "bool | None", "Sequence[str]"]  # fmt: skip
