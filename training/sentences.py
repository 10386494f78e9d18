"""The phrasing: templates with nested alternatives, in English and Brazilian Portuguese.

`[a|b|]` chooses one alternative (they nest); `{slot}` is filled by the generator. Breadth of
phrasing decides how well nano does on strangers' sentences, so add shapes here before anything
else. Never put names or sentences of the demo project here.
"""

from __future__ import annotations

import random
import re

PARTS: dict[str, list[str]] = {}
"""Phrases by name, for `<name>` in a template; see voices.py."""
_PART = re.compile(r"<([a-z_]+)>")
CORE: dict[str, dict[str, list[str]]] = {"en": {}, "pt": {}}

# ------------------------------------------------------------------ rename
CORE["en"]["rename"] = [
    "[rename|refactor|relabel] {f} [to|into|as|->|=>] {new}",
    "[change|update|switch] the name of {f} [to|into] {new}",
    "[change|switch|turn|make] {f} [to|into] {new}",
    "{f} [should be|should be called|should be named|ought to be called|needs to be called|must be named|is now called|becomes|will be called] {new}[ instead|]",
    "[call|name] {f} {new}[ instead| from now on|]",
    "[give|assign] {f} the name {new}",
    "{f} is a [terrible|bad|confusing|misleading|poor|awful|vague|silly] name, [call it|rename it to|use|make it|name it] {new}",
    "[i don't like|i hate|nobody understands|we never liked] the name {f}[,|;|:] [call it|use|rename it to|make it] {new}",
    "use [the name |]{new} [instead of|in place of|rather than] {f}",
    "replace the name {f} [with|by] {new}",
    "{f} -> {new}",
    "[everywhere|across the project|in the whole project|throughout], [rename|call] {f} {to}{new}",
    "rename {f}: {new}",
    "the [new|right|correct|proper] name [of|for] {f} [is|should be] {new}",
    "{new} [would be|is] a better name [for|than] {f}",
    "[i want|we want|i'd like] {f} [to be called|renamed to|to become|to be named] {new}",
    "{f} [has a typo, it should be|is misspelled, should be|was misnamed, it is] {new}",
    "rename {f} so [that |]it [is called|reads] {new}",
    "set the name of {f} to {new}",
]
CORE["pt"]["rename"] = [
    "[renomeie|renomear|renomeia|rebatize|rebatizar] {f} [para|como|pra|->] {new}",
    "[mude|mudar|muda|troque|trocar|troca|altere|alterar|altera] o nome {df} [para|pra|por] {new}",
    "[mude|mudar|muda|troque|trocar|troca|altere|alterar] {f} [para|por|pra] {new}",
    "{of} [deve se chamar|deveria se chamar|tem que se chamar|precisa se chamar|passa a se chamar|agora se chama|vai se chamar|deve virar|vira|deveria ser] {new}",
    "[chame|chamar|chama|batize] {f} de {new}[ agora| daqui pra frente|]",
    "[dê|dar|coloque|ponha] o nome {new} [em|para|pra] {f}",
    "{f} é um nome [ruim|péssimo|horrível|confuso|feio|estranho], [chame de|use|renomeie para|troque por|muda pra|coloca] {new}",
    "[não gosto|não gostei|ninguém gosta|ninguém entende] do nome {f}[,|;|:] [chame de|use|troque por|renomeie para|muda pra] {new}",
    "use [o nome |]{new} [em vez de|no lugar de|ao invés de] {f}",
    "[substitua|substituir|substitui] o nome {f} por {new}",
    "{f} -> {new}",
    "[em todo o projeto|no projeto inteiro|em todo lugar], [renomeie|chame|mude] {f} [para|de] {new}",
    "o [novo nome|nome certo|nome correto] {df} é {new}",
    "{new} [seria|é] um nome melhor [para|que|pra] {f}",
    "[quero|queremos|queria|gostaria] que {of} se chame {new}",
    "[quero|preciso|queria] [renomear|mudar o nome de] {f} [para|pra] {new}",
    "{f} está [escrito errado|com erro de digitação|errado], o certo é {new}",
    "faça {f} virar {new}",
]

# ------------------------------------------------------------------ add_parameter
# {p} new parameter, {t} its type clause, {d} its default clause; filled with their own words.
CORE["en"]["add_parameter"] = [
    "[add|include|introduce|put|append] [a|an|a new|the|another|an extra] [parameter|argument|param|arg|option|keyword argument] [{p}|called {p}|named {p}]{t}{d} [to|in|on|into] {f}",
    "[add|include|introduce] [parameter|argument|param|a parameter|an argument] {p}{t}{d} to {f}",
    "[add|put] {p}{t}{d} [to|as a parameter of|as an argument of|to the signature of|to the parameters of] {f}",
    "{f} [needs|should have|should take|should accept|must accept|must take|has to accept|could use|wants|should receive|gets] [a|an|a new|an extra|another|the] [{p} parameter|{p} argument|parameter {p}|argument {p}|{p} option|parameter called {p}|param named {p}]{t}{d}",
    "{f} [should take|should accept|must accept|needs|has to receive|should also take|should receive|now takes|also needs] {p}{t}{d}",
    "[make|let|have|allow] {f} [accept|take|receive] [a|an|the|a new|an optional] [{p} parameter|{p} argument|parameter {p}|argument named {p}|parameter called {p}]{t}{d}",
    "[make|let|have] {f} [accept|take|receive] {p}{t}{d}",
    "[give|extend] {f} [with|] [a|a new|an extra] [{p} parameter|parameter {p}|argument {p}|{p} argument|parameter called {p}]{t}{d}",
    "[i want to pass|we need to pass|callers should be able to pass|let callers pass|it should be possible to pass|i need to be able to give] {p}{t}{d} to {f}",
    "[in|on|for] {f}[,|] [add|include|introduce] [a|an|a new|] [parameter|argument|param] {p}{t}{d}",
    "[new|extra] [parameter|argument] {p}{t}{d} [for|in|on] {f}",
    "extend the signature of {f} with {p}{t}{d}",
    "{f} is missing [a|the|] {p} [parameter|argument]{t}{d}[, add it|]",
    "{f}: add [parameter |param |argument |]{p}{t}{d}",
]
CORE["pt"]["add_parameter"] = [
    "[adicione|adicionar|adiciona|inclua|incluir|inclui|coloque|colocar|coloca|acrescente|acrescentar|crie|põe] [um|o|um novo|mais um] [parâmetro|argumento|param] [{p}|chamado {p}|de nome {p}]{t}{d} [{af}|{emf}]",
    "[adicione|adiciona|inclua|coloque|bota|acrescente] {p}{t}{d} [{af}|nos parâmetros {df}|na assinatura {df}|como parâmetro {df}]",
    "{of} [precisa de|deve ter|deveria ter|deve receber|deve aceitar|tem que receber|tem que ter|tem que aceitar|deveria aceitar|passa a receber|vai receber|ganha] [um|o|um novo|mais um] [parâmetro|argumento] [{p}|chamado {p}]{t}{d}",
    "{of} [deve receber|deve aceitar|precisa receber|tem que receber|precisa aceitar|também recebe|agora recebe] {p}{t}{d}",
    "[faça|faz|deixe|permita que] {of} [receber|aceitar|receba|aceite] [{p}|um parâmetro {p}|o argumento {p}|o parâmetro {p}]{t}{d}",
    "[em|no] {f}[,|] [adicione|adiciona|inclua|coloque|crie] [um|o|um novo|] [parâmetro|argumento] {p}{t}{d}",
    "[quero|preciso|queremos|precisamos|quero poder|dá pra] passar {p}{t}{d} [{af}|para {f}|pra {f}]",
    "[novo|mais um] [parâmetro|argumento] {p}{t}{d} [{emf}|{af}|para {f}]",
    "[falta|faltou|está faltando] [o|um] [parâmetro|argumento] {p}{t}{d} {emf}",
    "[estenda|amplie] a assinatura {df} com {p}{t}{d}",
    "{f}: [adicionar|adicione|incluir] [parâmetro |argumento |]{p}{t}{d}",
]
TYPE = {
    "en": [
        " of type {ty}", ": {ty}", ", a {ty},", " ({ty})", ", type {ty}", " typed {ty}",
        " (type {ty})", ", which is a {ty},", " that is a {ty}", ":{ty}", " as {ty}",
    ],
    "pt": [
        " do tipo {ty}", ": {ty}", ", um {ty},", " ({ty})", ", tipo {ty}", " de tipo {ty}",
        " (tipo {ty})", ", que é {ty},", ":{ty}", " como {ty}", " tipado como {ty}",
    ],
}  # fmt: skip
DEFAULT = {
    "en": [
        " with default {v}", " defaulting to {v}", " = {v}", ", default {v},", "={v}",
        " with a default of {v}", " which defaults to {v}", " (default {v})", ", {v} by default,",
        " with {v} as default", " whose default is {v}", " with default value {v}",
        " that defaults to {v}", " (defaults to {v})", " default {v}", ", by default {v},",
    ],
    "pt": [
        " com padrão {v}", " com valor padrão {v}", " = {v}", ", padrão {v},", "={v}",
        " com default {v}", " (padrão {v})", " que por padrão é {v}", ", por padrão {v},",
        " valendo {v} por padrão", " cujo padrão é {v}", " default {v}", " com {v} de padrão",
        " com {v} como padrão", " (default {v})", " com o valor padrão {v}",
    ],
}  # fmt: skip

# ------------------------------------------------------------------ change_parameter (default)
CORE["en"]["change_parameter"] = [
    "[change|set|switch|update|move|adjust] the [default|default value] of {p} in {f} [to|to be|as|at] {v}",
    "[change|set|switch|update|make] the default {p} [of|in|for] {f} [to |]{v}",
    "[change|set|update] the {p} [default|default value] [of|in|for] {f} to {v}",
    "[change|set|update] the default of the {p} [parameter|argument|param] [of|in] {f} to {v}",
    "{p} in {f} should [default to|be {v} by default, not |have default]{vv}",
    "{f} should [use|have|take] {v} as [the |]default [for|of] {p}",
    "[make|let|have] {p} [default to|be] {v} [in|for] {f}[ by default|]",
    "[make|let|have] {p} of {f} default to {v}",
    "[by default|unless told otherwise], {p} in {f} should be {v}",
    "the default {p} of {f} [should be|must be|needs to be|has to be|ought to be|is now|is wrong, make it|is wrong, it should be] {v}",
    "[increase|raise|bump|lower|reduce|decrease|extend|shorten|double|cut] the [default |]{p} [of|in] {f} to {v}",
    "{f} should [have|use|run with] a [default |]{p} of {v}",
    "use {v} as the default {p} [of|in|for] {f}",
    "in {f}[,|] [change|set] [the default of |the default for |]{p} to {v}",
    "in {f}[,|] {p} should default to {v}",
    "the {p} of {f} [should be|must be] {v} by default",
    "[set|change] {p}={v} [in|as the default of|in the signature of] {f}",
    "{f}: default {p} {v}",
]
CORE["pt"]["change_parameter"] = [
    "[mude|mudar|muda|altere|alterar|altera|troque|trocar|ajuste|atualize|defina|coloque] o [padrão|valor padrão|default] de {p} {emf} [para|pra] {v}",
    "[mude|mudar|altere|troque|ajuste|atualize|defina|coloque] o [valor padrão|padrão|default] do [parâmetro|argumento] {p} [{emf}|{df}] [para|pra|como] {v}",
    "[mude|altere|troque|defina] o {p} [padrão|default] {df} para {v}",
    "{p} {emf} [deve ser|deveria ser|tem que ser|precisa ser|passa a ser] {v} por padrão",
    "o [padrão|valor padrão|default] de {p} {emf} [deve ser|deveria ser|tem que ser|agora é|passa a ser|está errado, o certo é] {v}",
    "[use|usar|coloque|ponha] {v} como [padrão|valor padrão|default] [de|para] {p} {emf}",
    "[faça|deixe] {p} [valer|ser] {v} por padrão {emf}",
    "[por padrão|se ninguém disser nada], {p} {emf} deve ser {v}",
    "[aumente|aumenta|suba|diminua|reduza|baixe|estenda|encurte] [o|a] {p} [padrão |]{df} para {v}",
    "{of} [deve|deveria|precisa] usar {v} [por padrão em|como padrão de|como default de] {p}",
    "{emf}[,|] [mude|altere|troque|coloque] [o padrão de |o default de |]{p} para {v}",
    "{emf}[,|] {p} deve ser {v} por padrão",
    "[quero|queremos|queria] que {p} {df} seja {v} por padrão",
    "{f}: {p} padrão {v}",
]

# ------------------------------------------------------------------ set_value
CORE["en"]["set_value"] = [
    "[set|change|update|switch|adjust|put] {f} [to|=|to be|at] {v}",
    "[change|update|set] the value of {f} to {v}",
    "{f} [should be|must be|needs to be|has to be|ought to be|is now|becomes|should equal|should now be] {v}",
    "[make|let] {f} [be |equal |]{v}",
    "[increase|raise|bump|lower|reduce|decrease|drop|extend|cut|push] {f} to {v}",
    "{f} is [wrong|too low|too high|outdated|off|too big|too small][,|;] [it should be|make it|set it to|use|change it to|change to] {v}",
    "use {v} [for|as|as the value of] {f}",
    "[assign|give] {v} to {f}",
    "give {f} the value {v}",
    "the [value|new value|right value] of {f} [is|should be] {v}",
    "[i want|we want|we need|i need] {f} [to be|at|set to] {v}",
    "{f} = {v}",
    "{f}: {v}",
    "[from now on|starting now|as of today][,|] {f} [is|should be] {v}",
    "[replace|swap] the value of {f} [with|for|by] {v}",
    "{f} [goes|moves] to {v}",
]
CORE["pt"]["set_value"] = [
    "[mude|mudar|muda|altere|alterar|altera|troque|trocar|troca|atualize|ajuste|defina|coloque] {f} para {v}",
    "[mude|altere|troque|atualize|defina|ajuste|muda] o valor {df} [para|pra|como] {v}",
    "{of} [deve ser|deveria ser|tem que ser|precisa ser|agora é|passa a ser|vira|deve valer|tem que valer|agora vale] {v}",
    "[faça|deixe] {f} [ser|valer|igual a] {v}",
    "[aumente|aumenta|aumentar|suba|diminua|reduza|baixe|baixa|abaixe] {f} para {v}",
    "{of} está [errado|errada|baixo demais|alto demais|desatualizado|muito pequeno|muito grande][,|;] [deveria ser|o certo é|coloque|mude para|troque por|põe] {v}",
    "use {v} [em|para|como valor de] {f}",
    "[coloque|ponha|coloca|bota|põe] {v} [em|no|como valor de] {f}",
    "[atribua|dê] o valor {v} [a|para] {f}",
    "o [valor|novo valor|valor certo|valor correto] {df} [é|deve ser|passa a ser] {v}",
    "[quero|queremos|preciso de|precisamos de|preciso que] {f} [em|com|igual a|seja] {v}",
    "{f} = {v}",
    "{f}: {v}",
    "[a partir de agora|daqui pra frente][,|] {of} [é|vale|deve ser] {v}",
    "[substitua|substituir] o valor {df} por {v}",
]

# ------------------------------------------------------------------ add_entry
# {k} key, {v} value (dict); {v} alone otherwise; {c} collection
ENTRY_DICT = {
    "en": [
        "[add|include|put|insert] [an|the|a new|an extra|another|] [entry|item|pair|mapping] {k} [->|=>|:|=|with value|with the value|to|mapping to] {v} [to|in|into] {c}",
        "[add|put|insert|register|include] {k} [with|with value|with the value|=|:|->] {v} [to|in|into] {c}",
        "[add|put|set|include] {k}: {v} [to|in] {c}",
        "[map|point|link|associate] {k} [to|with] {v} in {c}",
        "{c} [should|must|needs to] [map|have|contain|include] {k} [to|as|->|with|=] {v}",
        "[add|register|create] [a|the|a new|] key {k} [with value|with the value|with|holding|pointing to] {v} [in|to] {c}",
        "[add|register|put] {v} [under|as|under the key|for|for the key] {k} [in|to] {c}",
        "in {c}[,|] [add|map|put|set] {k} [->|:|to|as|with|=] {v}",
        "{c} [is missing|lacks|needs] [the entry |an entry for |the key |]{k} [with value|with|->|:|=] {v}",
        "[teach|let] {c} know {k} [as|->] {v}",
        "[extend] {c} with {k}: {v}",
        "{c}[{k}] = {v}",
    ],
    "pt": [
        "[adicione|adicionar|adiciona|inclua|incluir|inclui|coloque|coloca|insira|acrescente] [a entrada|uma entrada|o item|o par|uma nova entrada|a chave] {k} [->|=>|:|=|com valor|com o valor|valendo] {v} [em|no|a|ao] {c}",
        "[adicione|adiciona|inclua|coloque|registre|registra|acrescente|põe] {k} [com|com valor|com o valor|=|:|->] {v} [em|no|a] {c}",
        "[mapeie|mapear|associe|aponte|ligue] {k} [para|a|com] {v} em {c}",
        "{c} [deve|precisa|tem que] [ter|conter|mapear|incluir] {k} [com|como|para|->|=] {v}",
        "[crie|adicione|registre] [a|uma|uma nova] chave {k} [com valor|com o valor|com|apontando para|valendo] {v} [em|no] {c}",
        "[adicione|registre|coloque] {v} [como|na chave|com a chave|sob a chave] {k} [em|no] {c}",
        "em {c}[,|] [adicione|mapeie|coloque|inclua] {k} [->|:|como|com|para|=] {v}",
        "[falta|faltou|está faltando] [a chave |a entrada |]{k} [com|com valor|->|:|=] {v} em {c}",
        "{c} [não tem|precisa de] [a chave |]{k}[,|;] [adicione com|coloque com|coloque] [valor |]{v}",
        "{c}[{k}] = {v}",
    ],
}
ENTRY_LIST = {
    "en": [
        "[add|append|include|insert|put] {v} [to|in|into] {c}",
        "[add|include|append|insert] [the|a|an|a new] [entry|item|value|element|option|name] {v} [to|in|into] {c}",
        "{c} [should|must|needs to|has to] [contain|include|have|list] {v}[ too| as well|]",
        "{v} [should be|must be|belongs|needs to be|has to be|is missing|ought to be] [in|listed in|part of|] {c}",
        "{c} [is missing|lacks|needs|also needs] {v}[, add it|]",
        "[extend|complete] {c} with {v}",
        "[register|list] {v} in {c}",
        "in {c}[,|] [add|include] {v}",
        "[also |]accept {v} in {c}",
        "one more [entry|item] [in|for] {c}: {v}",
    ],
    "pt": [
        "[adicione|adicionar|adiciona|inclua|incluir|inclui|coloque|coloca|insira|acrescente|bota] {v} [em|a|na|no|à lista] {c}",
        "[adicione|inclua|coloque|insira|acrescente] [o item|a entrada|o valor|o elemento|a opção|o nome|um novo item] {v} [em|a|na|no|ao] {c}",
        "{c} [deve|deveria|precisa|tem que] [conter|incluir|ter|listar] {v}[ também|]",
        "{v} [deve estar|precisa estar|tem que estar|deveria estar|está faltando|falta] em {c}",
        "[falta|faltou|está faltando] {v} em {c}[, adicione|]",
        "[estenda|complete] {c} com {v}",
        "[registre|liste] {v} em {c}",
        "em {c}[,|] [adicione|inclua|coloque] {v}",
        "[aceite|aceitar] [também |]{v} em {c}",
        "mais um item em {c}: {v}",
    ],
}

# ------------------------------------------------------------------ add_import
CORE["en"]["add_import"] = [
    "[add|put|include|insert] [an |the |]import [for|of] {i} from {m} [to|in|into|at the top of] {f}",
    "import {i} from {m} in {f}",
    "[add|put|include] `{stmt}` [to|in|at the top of] {f}",
    '[add|put|include] "{stmt}" [to|in] {f}',
    "[add|include] {stmt} [to|in] {f}",
    "{f} [needs|should have|must have|is missing|lacks] [the import |`]{stmt}",
    "{f} [needs|should|must|has to] [to |]import {i} from {m}",
    "in {f}[,|] [import|bring in] {i} from {m}",
    "[make|have|let] {f} import {i} from {m}",
    "[we need|i need|you need] {i} from {m} [imported |]in {f}",
]
CORE["pt"]["add_import"] = [
    "[importe|importar|importa] {i} de {m} [em|no arquivo|no módulo] {f}",
    "[adicione|adicionar|adiciona|coloque|inclua|põe] [o import|a importação|um import] de {i} (de {m}) [em|no arquivo|ao arquivo] {f}",
    "[adicione|coloque|inclua|adiciona] `{stmt}` [em|no|no topo de|no início de] {f}",
    "[adicione|coloque|inclua|adiciona] {stmt} [em|no arquivo|no topo de] {f}",
    "{f} [precisa|deve|tem que|deveria] importar {i} de {m}",
    "[falta|faltou|está faltando] [o import |importar ]{stmt} em {f}",
    "em {f}[,|] [importe|importa|traga] {i} de {m}",
    "[faça|faz] {f} importar {i} de {m}",
    "[preciso|precisamos] de {i} de {m} [importado |]em {f}",
]
IMPORT_PLAIN = {
    "en": [
        "[import|add an import of|add import] {stmtm} [in|to|into] {f}", "[add|put] `{stmt}` [to|in|at the top of] {f}",
        "{f} [needs|should|must] [to |]import {stmtm}", "{f} [is missing|needs] [the import of |the import ]{stmtm}",
        "in {f} import {stmtm}",
    ],
    "pt": [
        "[importe|importa|importar] {stmtm} [em|no arquivo] {f}", "[adicione|coloque|inclua] `{stmt}` [em|no topo de] {f}",
        "{f} [precisa|deve|tem que] importar {stmtm}", "[falta|faltou] importar {stmtm} em {f}",
        "adicione [o import|a importação] de {stmtm} em {f}",
    ],
}  # fmt: skip

# ------------------------------------------------------------------ clone
CLONE = {
    "en": [
        "[clone|copy|duplicate] {f} [as|to|into|and call it|and name it|under the name|naming it] {new}{to}",
        "[make|create|take|do] a [copy|duplicate|clone] of {f} [called|named|as|and call it] {new}{to}",
        "[create|add|write|make|build|introduce] [a|an|a new|the|another] {kind} {new} [like|just like|based on|modelled on|similar to|following|copied from|after|on the pattern of|in the style of|the same way as|as a copy of] {f}{to}",
        "[create|add|make|write] {new} [like|just like|based on|similar to|from|modelled on|copying|following the pattern of] {f}{to}",
        "[i need|we need|i want|we want] [a|another|a new] {kind} [called|named] {new} [like|just like|based on|similar to] {f}{to}",
        "[use|take] {f} as [a|the] [pattern|template|model|base|starting point] for {new}{to}",
        "[take|copy] {f} and [make|create|turn it into] {new}{to}",
        "{new} should be a copy of {f}{to}",
        "a {kind} {new} [that works like|that mirrors|similar to] {f}{to}",
        "new {kind} {new}, same as {f}{to}",
    ],
    "pt": [
        "[clone|clonar|clona|copie|copiar|copia|duplique|duplicar|duplica] {f} [como|para|com o nome|e chame de|chamando de|com nome] {new}{to}",
        "[faça|fazer|crie|criar|faz] uma cópia {df} [chamada|com o nome|e chame de|de nome] {new}{to}",
        "[crie|criar|cria|adicione|adiciona|escreva|faça|implemente] [uma|uma nova|a|outra|um|um novo] {kind} {new} [como|igual a|igual|baseada em|baseado em|parecida com|parecido com|seguindo|no modelo de|nos moldes de|a partir de|copiando|no estilo de] {f}{to}",
        "[crie|criar|adicione|faça|escreva] {new} [como|igual a|baseado em|a partir de|copiando|no modelo de|parecido com] {f}{to}",
        "[preciso|precisamos|quero|queremos] [de |]{um} {kind} [chamada|de nome|] {new} [como|igual a|parecida com|baseada em] {f}{to}",
        "[use|usar|usa|pegue|pega] {f} como [modelo|base|padrão|molde|exemplo] [para|pra] [criar |]{new}{to}",
        "[pegue|copie] {f} e [faça|crie|transforme em] {new}{to}",
        "{new} deve ser uma cópia {df}{to}",
    ],
}
CLONE_FILE = {
    "en": [
        "[clone|copy|duplicate] {f} [as|to|into] {new}",
        "[make|create] a [copy|duplicate] of {f} [as|named|called|at|in] {new}",
        "[create|add] {new} [like|from|based on|as a copy of|copying|modelled on] {f}",
        "[create|add|make] [the|a new|a] file {new} [like|from|based on|as a copy of|with the content of] {f}",
        "[use|take] {f} as [a|the] [template|pattern|base] for {new}",
        "{new} should start as a copy of {f}",
    ],
    "pt": [
        "[clone|clonar|copie|copiar|copia|duplique|duplicar] {f} [como|para|em] {new}",
        "[faça|crie] uma cópia de {f} [em|como|chamada|com o nome] {new}",
        "[crie|criar|adicione] {new} [a partir de|como|baseado em|copiando|igual a|como cópia de] {f}",
        "[crie|adicione|faça] [o|um|um novo] arquivo {new} [a partir de|baseado em|igual a|como cópia de|com o conteúdo de] {f}",
        "[use|pegue] {f} como [modelo|base] para {new}",
        "{new} deve começar como cópia de {f}",
    ],
}
CLONE_TO = {
    "en": [" in {path}", " to {path}", " into {path}", " in the file {path}", ", in {path}",
           " inside {path}", " and put it in {path}", ", file {path}", " in a new file {path}"],
    "pt": [" em {path}", " no arquivo {path}", ", em {path}", " dentro de {path}",
           " e coloque em {path}", ", arquivo {path}", " no novo arquivo {path}", " num arquivo {path}"],
}  # fmt: skip
KIND = {
    "en": {"class": ["class"], "function": ["function", "helper", "func"]},
    "pt": {"class": ["classe"], "function": ["função", "rotina"]},
}

# ------------------------------------------------------------------ guards
# condition words by kind; {p} parameter, {n} number, {ty} type
CONDITION = {
    "en": {
        "none": [
            "{p} is None",
            "{p} is none",
            "{p} is null",
            "{p} is missing",
            "there is no {p}",
            "no {p} is given",
            "{p} was not given",
            "{p} equals None",
            "{p} is not set",
        ],
        "negative": [
            "{p} is negative",
            "{p} is below zero",
            "{p} is less than zero",
            "{p} < 0",
            "{p} is under 0",
            "{p} is less than 0",
            "{p} is smaller than zero",
            "{p} goes below 0",
        ],
        "positive": [
            "{p} is zero or negative",
            "{p} is not positive",
            "{p} <= 0",
            "{p} is negative or zero",
            "{p} is zero or less",
            "{p} isn't positive",
            "{p} is at most zero",
        ],
        "zero": ["{p} is zero", "{p} == 0", "{p} is 0", "{p} equals zero", "{p} equals 0"],
        "empty": [
            "{p} is empty",
            "{p} is blank",
            "there is nothing in {p}",
            "{p} has no items",
            "{p} has nothing in it",
            "{p} comes empty",
            "{p} is an empty string",
            "{p} is an empty list",
        ],
        "type": [
            "{p} is not a {ty}",
            "{p} isn't a {ty}",
            "{p} is not of type {ty}",
            "{p} is not an instance of {ty}",
            "{p} is anything but a {ty}",
            "{p} is no {ty}",
        ],
        "upper": [
            "{p} is above {n}",
            "{p} is greater than {n}",
            "{p} > {n}",
            "{p} exceeds {n}",
            "{p} is more than {n}",
            "{p} is over {n}",
            "{p} is larger than {n}",
            "{p} is bigger than {n}",
            "{p} goes over {n}",
        ],
        "lower": [
            "{p} is below {n}",
            "{p} is less than {n}",
            "{p} < {n}",
            "{p} is under {n}",
            "{p} is smaller than {n}",
            "{p} is lower than {n}",
        ],
        "length": [
            "{p} is longer than {n}",
            "{p} has more than {n} characters",
            "{p} has more than {n} items",
            "the length of {p} is above {n}",
            "len({p}) > {n}",
            "the length of {p} exceeds {n}",
        ],
    },
    "pt": {
        "none": [
            "{p} for None",
            "{p} é None",
            "{p} for nulo",
            "{p} não for informado",
            "não houver {p}",
            "{p} vier nulo",
            "{p} estiver ausente",
            "{p} for nula",
            "{p} for none",
            "{p} não vier",
        ],
        "negative": [
            "{p} for negativo",
            "{p} for menor que zero",
            "{p} < 0",
            "{p} estiver abaixo de zero",
            "{p} for negativa",
            "{p} for menor que 0",
            "{p} vier negativo",
            "{p} é negativo",
        ],
        "positive": [
            "{p} for zero ou negativo",
            "{p} não for positivo",
            "{p} <= 0",
            "{p} for negativo ou zero",
            "{p} for menor ou igual a zero",
            "{p} não for maior que zero",
        ],
        "zero": [
            "{p} for zero",
            "{p} == 0",
            "{p} for 0",
            "{p} for igual a zero",
            "{p} vier zerado",
            "{p} é zero",
        ],
        "empty": [
            "{p} estiver vazio",
            "{p} for vazio",
            "{p} vier vazio",
            "{p} estiver vazia",
            "{p} for vazia",
            "não houver nada em {p}",
            "{p} estiver em branco",
            "{p} não tiver itens",
            "{p} é vazio",
        ],
        "type": [
            "{p} não for {ty}",
            "{p} não for um {ty}",
            "{p} não for do tipo {ty}",
            "{p} não for uma instância de {ty}",
            "o tipo de {p} não for {ty}",
            "{p} não é {ty}",
        ],
        "upper": [
            "{p} for maior que {n}",
            "{p} for acima de {n}",
            "{p} > {n}",
            "{p} passar de {n}",
            "{p} exceder {n}",
            "{p} ultrapassar {n}",
            "{p} for superior a {n}",
            "{p} estiver acima de {n}",
        ],
        "lower": [
            "{p} for menor que {n}",
            "{p} for abaixo de {n}",
            "{p} < {n}",
            "{p} for inferior a {n}",
            "{p} estiver abaixo de {n}",
            "{p} ficar abaixo de {n}",
        ],
        "length": [
            "{p} tiver mais de {n} caracteres",
            "{p} tiver mais de {n} itens",
            "o tamanho de {p} for maior que {n}",
            "len({p}) > {n}",
            "{p} for mais longo que {n}",
            "{p} passar de {n} caracteres",
        ],
    },
}
# adjectives that go straight before or after the parameter: "reject negative amounts"
ADJECTIVE = {
    "en": {
        "none": ["None {p}", "a None {p}", "a missing {p}", "a null {p}"],
        "negative": [
            "negative {p}",
            "a negative {p}",
            "{p} below zero",
            "values of {p} below zero",
            "negative values of {p}",
            "{p} under 0",
        ],
        "positive": [
            "non-positive {p}",
            "zero or negative {p}",
            "a {p} of zero or less",
            "zero and negative values of {p}",
        ],
        "zero": ["a zero {p}", "{p} equal to zero", "a {p} of 0", "zero as {p}"],
        "empty": ["an empty {p}", "empty {p}", "a blank {p}", "blank {p}", "an empty value of {p}"],
        "type": [
            "a {p} that is not a {ty}",
            "{p} other than {ty}",
            "non-{ty} {p}",
            "anything but {ty} as {p}",
        ],
        "upper": [
            "{p} above {n}",
            "{p} greater than {n}",
            "{p} over {n}",
            "a {p} of more than {n}",
            "{p} larger than {n}",
            "values of {p} above {n}",
            "values above {n} for {p}",
        ],
        "lower": [
            "{p} below {n}",
            "{p} less than {n}",
            "{p} under {n}",
            "a {p} smaller than {n}",
            "values of {p} below {n}",
            "values below {n} for {p}",
        ],
        "length": [
            "{p} longer than {n}",
            "{p} with more than {n} characters",
            "{p} of more than {n} items",
        ],
    },
    "pt": {
        "none": ["{p} nulo", "{p} None", "{p} igual a None", "{p} ausente", "valores nulos de {p}"],
        "negative": [
            "{p} negativo",
            "{p} negativa",
            "{p} abaixo de zero",
            "valores negativos de {p}",
            "valor negativo em {p}",
            "{p} menor que zero",
        ],
        "positive": ["{p} zero ou negativo", "{p} menor ou igual a zero", "{p} não positivo"],
        "zero": ["{p} zero", "{p} igual a zero", "zero em {p}", "{p} zerado"],
        "empty": ["{p} vazio", "{p} vazia", "{p} em branco", "valores vazios de {p}"],
        "type": ["{p} que não seja {ty}", "{p} que não for {ty}", "{p} de tipo diferente de {ty}"],
        "upper": [
            "{p} acima de {n}",
            "{p} maior que {n}",
            "valores de {p} acima de {n}",
            "{p} superior a {n}",
            "valores acima de {n} em {p}",
        ],
        "lower": [
            "{p} abaixo de {n}",
            "{p} menor que {n}",
            "valores de {p} abaixo de {n}",
            "{p} inferior a {n}",
            "valores abaixo de {n} em {p}",
        ],
        "length": [
            "{p} com mais de {n} caracteres",
            "{p} com mais de {n} itens",
            "{p} mais longo que {n}",
        ],
    },
}
MUST = {
    "en": {
        "none": [
            "{p} must not be None",
            "{p} cannot be None",
            "{p} is required",
            "{p} may not be None",
            "{p} is mandatory",
        ],
        "negative": [
            "{p} must not be negative",
            "{p} cannot be negative",
            "{p} should never be negative",
            "{p} may not go below zero",
            "{p} must be zero or more",
        ],
        "positive": [
            "{p} must be positive",
            "{p} must be greater than zero",
            "{p} has to be positive",
            "{p} should be above zero",
        ],
        "zero": ["{p} must not be zero", "{p} cannot be zero", "{p} can't be 0"],
        "empty": [
            "{p} must not be empty",
            "{p} cannot be empty",
            "{p} can't be blank",
            "{p} should not be empty",
        ],
        "type": [
            "{p} must be a {ty}",
            "{p} has to be a {ty}",
            "only {ty} is allowed as {p}",
            "{p} should be an instance of {ty}",
        ],
        "upper": [
            "{p} must be at most {n}",
            "{p} cannot exceed {n}",
            "{p} must not be above {n}",
            "the maximum {p} is {n}",
            "{p} is limited to {n}",
            "{p} may not be greater than {n}",
        ],
        "lower": [
            "{p} must be at least {n}",
            "{p} cannot be below {n}",
            "{p} must not be less than {n}",
            "the minimum {p} is {n}",
            "{p} should be {n} or more",
        ],
        "length": [
            "{p} must not be longer than {n}",
            "{p} may have at most {n} characters",
            "{p} cannot have more than {n} items",
        ],
    },
    "pt": {
        "none": [
            "{p} não pode ser None",
            "{p} não pode ser nulo",
            "{p} é obrigatório",
            "{p} não deve ser None",
            "{p} é obrigatória",
        ],
        "negative": [
            "{p} não pode ser negativo",
            "{p} não pode ser negativa",
            "{p} não deve ser negativo",
            "{p} nunca pode ficar abaixo de zero",
            "{p} tem que ser zero ou mais",
        ],
        "positive": [
            "{p} tem que ser positivo",
            "{p} deve ser maior que zero",
            "{p} precisa ser positivo",
            "{p} deve ser positiva",
        ],
        "zero": ["{p} não pode ser zero", "{p} não deve ser zero"],
        "empty": [
            "{p} não pode ser vazio",
            "{p} não pode estar vazio",
            "{p} não pode vir vazio",
            "{p} não deve ser vazia",
            "{p} não pode ficar em branco",
        ],
        "type": [
            "{p} tem que ser {ty}",
            "{p} deve ser {ty}",
            "{p} precisa ser um {ty}",
            "só aceita {ty} em {p}",
        ],
        "upper": [
            "{p} não pode passar de {n}",
            "{p} deve ser no máximo {n}",
            "{p} não pode ser maior que {n}",
            "o máximo de {p} é {n}",
            "{p} é limitado a {n}",
        ],
        "lower": [
            "{p} deve ser no mínimo {n}",
            "{p} não pode ser menor que {n}",
            "o mínimo de {p} é {n}",
            "{p} tem que ser pelo menos {n}",
        ],
        "length": [
            "{p} não pode ter mais de {n} caracteres",
            "{p} pode ter no máximo {n} caracteres",
            "{p} não pode ter mais de {n} itens",
        ],
    },
}
# {c} condition, {x} the outcome clause, {adj} adjective form, {must} must form
GUARD_RAISE = {
    "en": [
        "{f} should [raise|throw] {e} [if|when|whenever|in case] {c}{msg}",
        "{f} must [raise|throw] {e} [if|when] {c}{msg}",
        "[raise|throw] {e} [in|from|inside] {f} [if|when|whenever] {c}{msg}",
        "[raise|throw] {e} [if|when] {c} in {f}{msg}",
        "in {f}[,|] [raise|throw] {e} [if|when] {c}{msg}",
        "[make|have|let] {f} [raise|throw] {e} [if|when|for] {c}{msg}",
        "[if|when] {c}[,|] {f} [should|must|has to] [raise|throw|fail with] {e}{msg}",
        "{f} should fail with {e} [if|when] {c}{msg}",
        "[add|put] a [guard|check|validation] [in|to] {f}[:|,| that] [raise|raises|throw] {e} [if|when] {c}{msg}",
    ],
    "pt": [
        "{of} [deve|deveria|tem que|precisa] [lançar|levantar|disparar|gerar|dar] {e} [se|quando|caso] {c}{msg}",
        "[lance|lançar|levante|dispare|lança|levanta] {e} {emf} [se|quando|caso] {c}{msg}",
        "[lance|levante|lança|dispare] {e} [se|quando] {c} {emf}{msg}",
        "{emf}[,|] [lance|levante|dispare|lança] {e} [se|quando|caso] {c}{msg}",
        "[faça|faz] {f} [lançar|levantar|dar] {e} [se|quando] {c}{msg}",
        "[se|quando|caso] {c}[,|] {of} [deve|tem que] [lançar|levantar|dar|falhar com] {e}{msg}",
        "[adicione|coloque|inclua] uma [validação|verificação|guarda|checagem] {emf}[:|,| que] [lance|lança|levante] {e} [se|quando] {c}{msg}",
    ],
}
GUARD_PLAIN = {
    "en": [
        "[reject|refuse|forbid|disallow|don't accept|do not allow|guard against|block|stop] {adj} in {f}{msg}",
        "{f} [should|must|has to] [reject|refuse|not accept|not allow|guard against|fail on] {adj}{msg}",
        "[make|have|let] {f} [reject|refuse|fail on] {adj}{msg}",
        "[validate|check|ensure|make sure|assert|verify] that {must} in {f}{msg}",
        "in {f}[,|] {must}{msg}",
        "in {f}[,|] [validate|check|ensure|make sure] that {must}{msg}",
        "[add|put] a [guard|check|validation|precondition] to {f}: {must}{msg}",
        "[add|put|insert] a [guard|check|validation] [to|in] {f} [for|against] {adj}{msg}",
        "{must} in {f}{msg}",
        "{f}: {must}{msg}",
        "{f} should [fail|complain|raise an error|error out|blow up] [if|when] {c}{msg}",
        "[fail|error out|stop] in {f} [if|when] {c}{msg}",
        "guard {f} against {adj}{msg}",
        "protect {f} from {adj}{msg}",
    ],
    "pt": [
        "[rejeite|rejeitar|recuse|recusar|proíba|não aceite|não aceitar|não permita|impeça|bloqueie|barre] {adj} {emf}{msg}",
        "{of} [deve|deveria|tem que|precisa] [rejeitar|recusar|barrar|falhar com] {adj}{msg}",
        "{of} não [deve|pode|deveria] aceitar {adj}{msg}",
        "[faça|faz] {f} [rejeitar|recusar] {adj}{msg}",
        "[valide|validar|garanta|garantir|verifique|assegure|cheque] que {must} {emf}{msg}",
        "{emf}[,|] {must}{msg}",
        "{emf}[,|] [valide|garanta|verifique] que {must}{msg}",
        "[adicione|coloque|inclua|põe] uma [validação|verificação|guarda|checagem|proteção] {emf} [para|contra] {adj}{msg}",
        "[adicione|coloque] uma [validação|verificação|checagem] {emf}: {must}{msg}",
        "{must} {emf}{msg}",
        "{f}: {must}{msg}",
        "{of} deve [falhar|reclamar|dar erro|acusar erro] [se|quando] {c}{msg}",
        "[proteja|proteger] {f} contra {adj}{msg}",
    ],
}
GUARD_RETURN = {
    "en": [
        "{f} should return {r} [if|when|whenever] {c}",
        "return {r} [in|from] {f} [if|when] {c}",
        "return {r} [early |]from {f} [if|when] {c}",
        "in {f}[,|] return {r} [if|when|right away if] {c}",
        "[if|when] {c}[,|] {f} [should|must] return {r}",
        "[make|have|let] {f} return {r} [if|when] {c}",
    ],
    "pt": [
        "{of} [deve|deveria|tem que|precisa] [devolver|retornar] {r} [se|quando|caso] {c}",
        "[retorne|devolva|retorna|devolve] {r} {emf} [se|quando] {c}",
        "{emf}[,|] [retorne|devolva|retorna] {r} [se|quando|caso] {c}",
        "[se|quando] {c}[,|] {of} deve [retornar|devolver] {r}",
        "[faça|faz] {f} [retornar|devolver] {r} [se|quando] {c}",
    ],
}
GUARD_MESSAGE = {
    "en": [" with the message {m}", " with message {m}", ' saying {m}', ", message {m}",
           ": {m}", " and the message {m}", " with the text {m}", " (message {m})"],
    "pt": [" com a mensagem {m}", " com mensagem {m}", " dizendo {m}", ", mensagem {m}",
           ": {m}", " e a mensagem {m}", " com o texto {m}", " (mensagem {m})"],
}  # fmt: skip
GUARD_CLASS = {
    "en": [" with {e}", " with a {e}", " by raising {e}", " raising {e}", " ({e})", ", raise {e}"],
    "pt": [" com {e}", " com um {e}", " lançando {e}", " levantando {e}", " ({e})", ", lance {e}"],
}
MESSAGES = {
    "en": ["invalid {p}", "{p} is required", "{p} must be valid", "bad {p}", "please give a {p}",
           "{p} not allowed", "{p} too large", "{p} out of range", "wrong {p}", "missing {p}",
           "cannot work without {p}", "{p} must make sense"],
    "pt": ["{p} inválido", "{p} obrigatório", "{p} é obrigatório", "informe {p}", "valor inválido",
           "{p} não permitido", "{p} fora do limite", "{p} muito grande", "valor inválido para {p}",
           "faltou {p}", "{p} não pode ser usado"],
}  # fmt: skip

# ------------------------------------------------------------------ around the core
BEFORE = {
    "en": ["please ", "pls ", "hey, ", "could you ", "can you ", "can you please ", "i need you to ",
           "i'd like you to ", "would you ", "now ", "next, ", "ok, ", "just ", "let's ", "kindly ",
           "quick one: ", "small fix: ", "todo: ", "refactor: ", "so, ", "we should ", "you should ",
           "i want to ", "we need to ", "i'd like to ", "time to "],
    "pt": ["por favor, ", "por favor ", "pfv ", "pf, ", "você pode ", "pode ", "vc pode ", "dá pra ",
           "agora ", "então ", "ok, ", "só ", "por gentileza, ", "seguinte: ", "preciso que você ",
           "ajuste rápido: ", "tarefa: ", "oi, ", "bora ", "vamos "],
}  # fmt: skip
BEFORE_ANY = {
    "en": [
        "please, ",
        "hey, ",
        "ok: ",
        "task: ",
        "note: ",
        "also, ",
        "one more thing: ",
        "so ",
        "fix: ",
    ],
    "pt": [
        "por favor: ",
        "oi, ",
        "ok: ",
        "tarefa: ",
        "olha, ",
        "mais uma coisa: ",
        "então ",
        "ajuste: ",
    ],
}
AFTER = {
    "en": [" please", ", please", ", thanks", " thanks", " asap", ", ok?", " for clarity", " for consistency",
           " so it reads better", ", nothing else", " and keep everything else", " because it is clearer",
           " to match the docs", " as agreed", " today", " as the customer asked"],
    "pt": [" por favor", ", por favor", ", obrigado", " pfv", ", valeu", ", ok?", " para ficar mais claro",
           " por clareza", ", só isso", " e não mexa no resto", " porque fica mais claro",
           " como combinado", " hoje", " como o cliente pediu", ", blz?"],
}  # fmt: skip
JOIN = {
    "en": [" and ", ", and ", "; ", ", then ", " and then ", " and also ", ". also, ", "; also ", ". then ",
           ", and also ", ". after that, ", " plus ", "; and "],
    "pt": [" e ", ", e ", "; ", ", depois ", " e depois ", " e também ", ". além disso, ", "; também ",
           ". depois ", ", e também ", ". em seguida, ", " e aí ", "; e "],
}  # fmt: skip
NONE = {
    "not a code change": {
        "en": [
            "[what|how|why|when|where|who] [is|does|are|do|was] {x} [for|do|used|mean|defined|work]?",
            "[explain|describe|summarise|tell me about] {x}[ to me| please|]",
            "[what|which] tests [are there|do we have|cover {x}]?",
            "[how many|which] [functions|classes|files|lines] [are there|does this project have|are in {x}]?",
            "[hello|hi|good morning|thanks|hey there|what's up|who are you|how are you][!|?|]",
            "[what's|tell me] the weather [today|in São Paulo|tomorrow]",
            "[write|tell] me a [poem|joke|story|song|letter] about [cats|dogs|the sea|love|football]",
            "[translate|say] {w} [to|in] [spanish|english|french|japanese]",
            "[order|buy|book|send] [a pizza|me a ticket|an email to my boss|flowers|a hotel]",
            "[run|execute|start] the [tests|server|build|app|linter]",
            "[show|list|print|display] [me |][the history|all files|{x}|the last commit|the logs]",
            "is {x} [correct|safe|used anywhere|thread safe|slow|deprecated]?",
            "[push|deploy|publish|release] [this|it|the project|to production|the package]",
            "what do you think [of|about] {x}?",
            "[where|who] [wrote|uses|calls] {x}?",
            "{w} {w} {w}",
        ],
        "pt": [
            "[o que é|pra que serve|como funciona|o que faz|onde está|quem usa|por que existe] {x}?",
            "[explique|explica|descreva|resuma|me fale sobre] {x}",
            "[quais|quantos] testes [existem|temos|cobrem {x}]?",
            "[quantas|quais] [funções|classes|linhas] [existem|tem no projeto|há em {x}]?",
            "[olá|oi|bom dia|obrigado|e aí|tudo bem|quem é você|valeu][!|?|]",
            "[qual é a previsão do tempo|como está o tempo] [hoje|em São Paulo|amanhã]",
            "[escreva|conte|faça] [um poema|uma piada|uma história|uma música] sobre [gatos|o mar|amor|futebol]",
            "[traduza|diga] {w} [para|em] [espanhol|inglês|francês]",
            "[peça|compre|mande|reserve] [uma pizza|uma passagem|um email pro chefe|flores|um hotel]",
            "[rode|execute|inicie|suba] [os testes|o servidor|o build|a aplicação|o linter]",
            "[mostre|liste|imprima|mostra] [o histórico|todos os arquivos|{x}|o último commit|os logs]",
            "{x} está [correto|seguro|certo|sendo usado|lento]?",
            "[faça|faz] o [deploy|push|release|commit] [disso|do projeto|em produção|]",
            "o que você acha de {x}?",
            "quem [escreveu|usa|chama] {x}?",
            "{w} {w} {w}",
        ],
    },
    "that needs more than small edits": {
        "en": [
            "[rewrite|refactor|redesign|restructure|rework] [the whole project|everything|the entire codebase|the architecture|all modules]",
            "[make|get] [it|everything|the code|the app|the project] [faster|better|cleaner|more secure|scalable|pretty|work]",
            "[port|migrate|convert|move] [the project|everything|the code|it] to [rust|django|go|typescript|async|postgres|kubernetes]",
            "[add|build|implement|create] [a web interface|a mobile app|authentication|a full test suite|user accounts|a database|a REST API|a dashboard|machine learning|a plugin system]",
            "[fix|solve|find] [all|every|the] [bugs|problems|security holes|memory leaks|bug|issues]",
            "[improve|optimise|clean up|modernise] [the code|everything|performance|the whole thing|the design|quality]",
            "[do something|change something|improve it|fix it|make it nice|do your best]",
            "[implement|write|add] [an algorithm|a parser|a compiler|a neural network|a cache layer|a scheduler] [that|which] [learns|schedules|parses|solves] [everything|our logs|the routes|orders]",
            "[support|handle] [all|every] [databases|languages|formats|currencies|platforms]",
            "[write|add] [unit |]tests for [everything|the whole project|all functions]",
        ],
        "pt": [
            "[reescreva|refatore|redesenhe|reestruture] [o projeto todo|tudo|o código inteiro|a arquitetura|todos os módulos]",
            "[deixe|faça|deixa] [tudo|o código|o app|o projeto|isso] [mais rápido|melhor|mais limpo|mais seguro|escalável|bonito|funcionar]",
            "[porte|migre|converta|passe] [o projeto|tudo|o código] para [rust|django|go|typescript|async|postgres|kubernetes]",
            "[adicione|crie|implemente|construa] [uma interface web|um app mobile|autenticação|uma suíte completa de testes|contas de usuário|um banco de dados|uma API REST|um dashboard|machine learning]",
            "[corrija|resolva|ache|conserte] [todos os bugs|os problemas|as falhas de segurança|o bug|tudo]",
            "[melhore|otimize|limpe|modernize] [o código|tudo|a performance|o desempenho|o design|a qualidade]",
            "[faça alguma coisa|mude alguma coisa|melhore isso|arrume|conserta aí|dá um jeito]",
            "[implemente|escreva|adicione] [um algoritmo|um parser|um compilador|uma rede neural|uma camada de cache] que [aprenda|resolva|entenda] [tudo|nossos logs|as rotas|pedidos]",
            "[suporte|trate] todos os [bancos|idiomas|formatos|tipos]",
            "[escreva|adicione] testes para [tudo|o projeto inteiro|todas as funções]",
        ],
    },
}


def expand(template: str, rng: random.Random) -> str:
    """A random phrase for every `<part>`, one random choice for every `[a|b]`, innermost first.
    `[]` inside `{c}[{k}]` is kept."""
    guard = template.replace("{c}[{k}]", "\x00")
    while part := _PART.search(guard):
        guard = guard[: part.start()] + rng.choice(PARTS[part[1]]) + guard[part.end() :]
    while True:
        close = guard.find("]")
        if close < 0:
            break
        start = guard.rfind("[", 0, close)
        guard = guard[:start] + rng.choice(guard[start + 1 : close].split("|")) + guard[close + 1 :]
    return guard.replace("\x00", "{c}[{k}]")
