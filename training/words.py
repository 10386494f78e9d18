"""Small word lists for invented projects. None of the demo project's names belong here."""

NOUNS = """order invoice customer item product user account message ticket report session token cart price
tax discount shipment address event booking seat room flight trip driver vehicle route stock supplier
warehouse batch recipe ingredient patient doctor appointment lesson student course grade exam teacher
article comment post tag photo video playlist track album score player match team league job task worker
queue lock file folder line row column table cell page document contract clause signature payment receipt
balance deposit loan rate budget expense salary employee shift branch store coupon voucher gift card
sensor device reading alarm signal packet request response header cookie url link domain host port key
secret password email phone note reminder calendar schedule rule filter query index cache record log
metric graph node edge tree matrix vector image pixel color font theme widget button menu form field
pedido fatura cliente produto usuario conta mensagem relatorio carrinho preco desconto frete endereco
evento reserva assento quarto voo viagem veiculo rota estoque fornecedor lote receita paciente consulta
aluno curso nota prova artigo comentario foto jogador time tarefa fila arquivo linha pagina contrato
recibo saldo emprestimo taxa orcamento despesa salario funcionario filial loja cupom vale sensor leitura""".split()
VERBS = """calc compute get set load save parse format build make create update delete remove find search
list count sum merge split send fetch read write validate check convert apply render notify schedule cancel
close open start stop resolve normalize sanitize encode decode export import sync refresh retry publish
enqueue process handle filter sort group rank score estimate verify sign charge refund ship pack
calcular buscar salvar carregar gerar enviar validar converter aplicar listar somar remover criar obter""".split()
PARAMS = """amount value total price quantity name title text limit offset page size timeout retries delay
user customer order items path filename url key token password email phone date start end mode kind status
rate percent weight height width color label currency country city code number index count data payload
body message subject options config settings verbose strict dry_run force encoding separator prefix suffix
valor nome quantidade limite prazo cliente usuario senha caminho texto chave moeda cidade numero dados tipo
amt qty usr pw cfg msg num idx val tmp fn cb n x dt""".split()
TYPES = "int float str bool list dict Decimal datetime Path bytes set tuple date".split()
TYPE_WORDS = {
    "en": {"int": ["int", "integer"], "str": ["str", "string"], "bool": ["bool", "boolean"],
           "float": ["float"], "list": ["list"], "dict": ["dict"]},
    "pt": {"int": ["int", "inteiro"], "str": ["str", "string", "texto"], "bool": ["bool", "booleano"],
           "float": ["float"], "list": ["list", "lista"], "dict": ["dict"]},
}  # fmt: skip
FOLDERS = """src app core lib api store billing orders services users domain main sales blog clinic school
fleet library hotel logistics bank inventory crm vendas estoque financeiro escola clinica""".split()
ERRORS = """ValueError TypeError RuntimeError KeyError ValidationError InvalidInput PermissionError
BadRequest ConfigError LimitExceeded OrderError DomainError""".split()
STD_IMPORTS = [
    ("decimal", "Decimal"), ("datetime", "datetime"), ("datetime", "timedelta"), ("pathlib", "Path"),
    ("typing", "Any"), ("collections", "OrderedDict"), ("collections", "defaultdict"),
    ("dataclasses", "dataclass"), ("functools", "lru_cache"), ("functools", "partial"),
    ("itertools", "chain"), ("enum", "Enum"), ("abc", "ABC"), ("contextlib", "suppress"),
    ("collections.abc", "Iterable"), ("urllib.parse", "urlparse"), ("uuid", "uuid4"),
    ("fractions", "Fraction"), ("statistics", "mean"), ("concurrent.futures", "ThreadPoolExecutor"),
]  # fmt: skip
PLAIN_IMPORTS = (
    "json logging os re sys time math random asyncio csv hashlib subprocess shutil numpy".split()
)

# ---- families of siblings: (noun en, noun pt with gender, suffixes, registry names, folders, members)
FAMILIES = [
    (["payment method", "payment option", "way to pay"], ["o método de pagamento", "a forma de pagamento", "o meio de pagamento"],
     ["Payment", "PaymentMethod", "Method", "Gateway", "Pay"], ["METHODS", "GATEWAYS", "PAYMENTS", "PAYMENT_METHODS", "_METHODS"],
     ["payments", "checkout", "billing", "pay"], "Card Cash Boleto Debit Transfer Wallet Voucher Invoice Crypto Check Pix Points".split()),
    (["exporter", "export format", "output format"], ["o exportador", "o formato de exportação", "o formato de saída"],
     ["Exporter", "Export", "Writer", "Format"], ["EXPORTERS", "FORMATS", "WRITERS", "_EXPORTERS"],
     ["exports", "reports", "io", "output"], "Csv Json Xml Pdf Html Excel Yaml Text Markdown Parquet".split()),
    (["parser", "file parser", "input format"], ["o parser", "o leitor", "o formato de entrada"],
     ["Parser", "Reader", "Loader", "Importer"], ["PARSERS", "READERS", "LOADERS", "_PARSERS"],
     ["parsing", "readers", "ingest", "input"], "Csv Json Ini Toml Xml Log Html Email Ofx Yaml".split()),
    (["notification channel", "channel", "notifier"], ["o canal de notificação", "o canal", "o notificador"],
     ["Channel", "Notifier", "Sender", "Notification"], ["CHANNELS", "NOTIFIERS", "SENDERS", "_CHANNELS"],
     ["notify", "alerts", "messaging", "channels"], "Email Sms Push Slack Telegram Webhook Voice Teams Discord".split()),
    (["shipping option", "shipping method", "delivery option"], ["a opção de frete", "a forma de envio", "o tipo de entrega"],
     ["Shipping", "Delivery", "Carrier", "Freight"], ["CARRIERS", "SHIPPING", "OPTIONS", "DELIVERIES"],
     ["shipping", "freight", "delivery", "entregas"], "Express Standard Pickup Air Ground Sedex Moto Drone Sea Locker".split()),
    (["discount", "promotion", "discount rule"], ["o desconto", "a promoção", "a regra de desconto"],
     ["Discount", "Promotion", "Rule", "Coupon"], ["DISCOUNTS", "PROMOTIONS", "RULES", "_DISCOUNTS"],
     ["pricing", "discounts", "promo", "descontos"], "Birthday Seasonal Loyalty Bulk Student Welcome Clearance Referral".split()),
    (["report", "report type"], ["o relatório", "o tipo de relatório"],
     ["Report", "Summary", "Statement"], ["REPORTS", "SUMMARIES", "_REPORTS"],
     ["reports", "analytics", "relatorios"], "Sales Stock Daily Monthly Tax Revenue Churn Usage Audit".split()),
    (["event handler", "handler"], ["o handler", "o tratador de eventos", "o tratador"],
     ["Handler", "Listener", "Subscriber", "Command"], ["HANDLERS", "LISTENERS", "COMMANDS", "_HANDLERS"],
     ["events", "handlers", "bus", "commands"], "Created Updated Deleted Cancel Refund Login Logout Upload Expire".split()),
    (["validator", "validation", "check"], ["o validador", "a validação", "a verificação"],
     ["Validator", "Check", "Validation", "Rule"], ["VALIDATORS", "CHECKS", "RULES", "_CHECKS"],
     ["validation", "checks", "rules"], "Email Phone Cpf Cnpj Zip Date Url Length Range Iban".split()),
    (["provider", "backend", "storage backend"], ["o provedor", "o backend", "o backend de armazenamento"],
     ["Provider", "Backend", "Storage", "Adapter", "Client"], ["PROVIDERS", "BACKENDS", "STORAGES", "ADAPTERS"],
     ["providers", "storage", "backends", "adapters"], "Local Memory Redis Disk Ftp Sqlite Remote Azure Minio".split()),
    (["strategy", "algorithm"], ["a estratégia", "o algoritmo"],
     ["Strategy", "Policy", "Algorithm"], ["STRATEGIES", "POLICIES", "_STRATEGIES"],
     ["strategies", "policies", "engine"], "Random Greedy Weighted Fixed Linear Adaptive Nearest Fastest".split()),
    (["subscription plan", "plan", "membership"], ["o plano", "o plano de assinatura", "a assinatura"],
     ["Plan", "Subscription", "Tier", "Membership"], ["PLANS", "TIERS", "_PLANS"],
     ["plans", "subscriptions", "planos", "billing"], "Basic Pro Free Team Family Student Gold Silver Trial".split()),
    (["shape", "figure"], ["a forma", "a figura"], ["Shape", "Figure"], ["SHAPES", "FIGURES"],
     ["shapes", "geometry", "draw"], "Circle Square Triangle Hexagon Line Ellipse Star".split()),
    (["sensor", "device"], ["o sensor", "o dispositivo"], ["Sensor", "Device", "Probe"], ["SENSORS", "DEVICES"],
     ["devices", "iot", "sensors"], "Humidity Pressure Light Motion Smoke Water Noise Door".split()),
    (["room type", "room"], ["o tipo de quarto", "o quarto"], ["Room", "Suite"], ["ROOMS", "ROOM_TYPES"],
     ["hotel", "rooms", "booking"], "Single Double Twin Deluxe Economy Penthouse Garden".split()),
    (["tax", "tax rule"], ["o imposto", "a regra de imposto"], ["Tax", "TaxRule"], ["TAXES", "TAX_RULES"],
     ["taxes", "fiscal", "impostos"], "Icms Iss Vat City Import Luxury Fuel".split()),
    (["transport", "connection"], ["o transporte", "a conexão"], ["Transport", "Connection"], ["TRANSPORTS", "CONNECTIONS"],
     ["net", "transport", "links"], "Tcp Udp Serial Bluetooth Usb Radio Http".split()),
    (["job", "worker"], ["o job", "o worker", "a tarefa"], ["Job", "Worker", "Task"], ["JOBS", "WORKERS", "TASKS"],
     ["jobs", "workers", "tasks"], "Cleanup Backup Reindex Digest Rotate Archive Mailing".split()),
]  # fmt: skip
MODIFIERS = {
    "en": "Express Premium Compact Extra Light Plus Fast Secure Weekly Split Delayed Instant Bulk Gold Smart Night Mini Zero Open Quick Deep Custom Shared Private Public Global".split(),
    "pt": "Parcelado Expresso Compacto Rápido Leve Extra Simples Noturno Semanal Internacional Agendado Automático Especial Básico Avançado Mensal Econômico Turbo Recorrente Programado Único".split(),
}
BRANDS = {
    "en": "Gift Card Apple Ocean Bitcoin Store Credit Bank Slip Night Owl Blue River Mobile Money Smart Watch Red Planet Voice Mail Local Market Direct Line Paper Trail Fire Alarm Green Tree Ice Box".split(),
    "pt": "Vale Refeição Cartão Presente Conta Corrente Crédito Loja Débito Caixa Rápida Mensagem Viva Relatório Fiscal Folha Verde Rio Azul Sol Nascente Cheque Especial Entrega Noite Ponto Fácil Pão Quente".split(),
}
# fields: names, kind of value, clauses by language; {v} is how the sentence writes the value
FIELDS = [
    (["minimum_amount", "min_amount", "minimum", "min_value", "minimum_total", "min_total", "minimum_order", "threshold", "min_purchase", "valor_minimo"], "money",
     {"en": [" for [purchases|orders|amounts|totals|carts] [above|over|from|of at least|greater than|higher than] {v}", " with a minimum [amount |value |]of {v}", " only [for|on|offered for|available for|valid for] [purchases|orders|amounts] [above|over|of more than] {v}", ", minimum [amount |]{v}", " that needs at least {v}", ", only above {v}", ". It is [offered|available|valid] only for [purchases|orders] [above|over] {v}", " starting at {v}"],
      "pt": [" para [compras|pedidos|valores|totais] [acima de|a partir de|maiores que|superiores a|de no mínimo] {v}", " com [valor |]mínimo de {v}", " [só|apenas|somente] para [compras|pedidos] [acima de|a partir de|de mais de] {v}", ", mínimo [de |]{v}", " que exige pelo menos {v}", ", só acima de {v}", ". Só vale para [compras|pedidos] acima de {v}", " [disponível|válido|oferecido] para compras acima de {v}", " a partir de {v}"]}),
    (["maximum_amount", "max_amount", "maximum", "max_value", "limit_amount", "max_total", "valor_maximo", "ceiling"], "money",
     {"en": [" for [purchases|orders|amounts|totals] [up to|below|under|of at most] {v}", " with a maximum [amount |value |]of {v}", ", maximum {v}", " capped at {v}", ", only up to {v}", " limited to {v}"],
      "pt": [" para [compras|pedidos|valores] [até|abaixo de|de no máximo] {v}", " com [valor |]máximo de {v}", ", máximo [de |]{v}", " limitado a {v}", ", só até {v}", " até {v}"]}),
    (["max_length", "limit", "max_chars", "character_limit", "max_size", "size_limit", "max_characters"], "int",
     {"en": [" with a [limit|maximum|max length|cap] of {v}[ characters|]", " limited to {v} [characters|chars|letters]", ", max {v} characters", ", limit {v}", " of up to {v} characters", " that accepts at most {v} characters", " with at most {v} characters"],
      "pt": [" com [limite|máximo] de {v}[ caracteres|]", " limitado a {v} caracteres", ", [máximo|limite] [de |]{v} caracteres", " de até {v} caracteres", " que aceita no máximo {v} caracteres", ", limite {v}"]}),
    (["timeout", "timeout_s", "timeout_seconds", "wait_seconds", "max_wait"], "int",
     {"en": [" with a [timeout|time limit] of {v}[ seconds| s|]", ", timeout {v}", " that waits [at most |]{v} seconds", " and a {v} second timeout", " timing out after {v} seconds"],
      "pt": [" com timeout de {v}[ segundos| s|]", ", timeout {v}", " que espera [no máximo |até |]{v} segundos", " com tempo limite de {v} segundos", " e timeout de {v}"]}),
    (["fee", "fee_percent", "rate", "percent", "commission", "surcharge", "fee_rate", "taxa", "percentage"], "rate",
     {"en": [" with a [fee|rate|commission|surcharge] of {v}", ", fee {v}", " that charges {v}", " at a rate of {v}", " and a {v} fee"],
      "pt": [" com [taxa|comissão|tarifa] de {v}", ", taxa [de |]{v}", " que cobra {v}", " cobrando {v}", " e taxa de {v}"]}),
    (["max_installments", "installments", "parcels", "max_parcels", "parcelas"], "small",
     {"en": [" in up to {v} installments", " with [at most |up to |]{v} installments", ", {v} installments", " payable in {v} installments"],
      "pt": [" em até {v} [parcelas|vezes]", " com [até |no máximo |]{v} parcelas", ", {v} parcelas", " em até {v}x"]}),
    (["days", "delivery_days", "deadline_days", "due_days", "prazo", "lead_days", "validity_days"], "small",
     {"en": [" in {v} days", " that takes {v} days", " due in {v} days", ", {v} days", " with a deadline of {v} days", " valid for {v} days"],
      "pt": [" em {v} dias", " que leva {v} dias", " com prazo de {v} dias", ", {v} dias", " com vencimento em {v} dias", " válido por {v} dias"]}),
    (["label", "title", "display_name", "caption", "description", "titulo"], "text",
     {"en": [" labelled {v}", " with the label {v}", " shown as {v}", ", label {v}", " with the title {v}", " displayed as {v}"],
      "pt": [" com o rótulo {v}", " com o título {v}", " mostrado como {v}", ", rótulo {v}", " exibido como {v}", " com a descrição {v}"]}),
    (["retries", "max_retries", "attempts", "max_attempts", "tentativas"], "small",
     {"en": [" with {v} [retries|attempts|tries]", " that retries {v} times", ", {v} retries", " trying up to {v} times"],
      "pt": [" com {v} tentativas", " que tenta {v} vezes", ", {v} tentativas", " tentando até {v} vezes"]}),
    (["priority", "order", "weight", "rank", "prioridade", "position"], "small",
     {"en": [" with priority {v}", ", priority {v}", " of priority {v}"], "pt": [" com prioridade {v}", ", prioridade {v}", " de prioridade {v}"]}),
    (["extension", "file_extension", "suffix", "ext"], "ext",
     {"en": [" with [the |]extension {v}", ", extension {v}", " for {v} files", " that writes {v} files"], "pt": [" com [a |]extensão {v}", ", extensão {v}", " para arquivos {v}"]}),
    (["delimiter", "separator", "sep"], "sep",
     {"en": [" with [the |]separator {v}", " separated by {v}", " using {v} as separator", ", delimiter {v}"], "pt": [" com [o |]separador {v}", " separado por {v}", " usando {v} como separador"]}),
    (["max_weight", "weight_limit", "max_kg", "capacity", "max_items", "quota", "batch_size", "max_users", "seats"], "int",
     {"en": [" with a capacity of {v}", " for up to {v}[ kg| items| users|]", " holding at most {v}", " with a quota of {v}", ", up to {v}"], "pt": [" com capacidade de {v}", " para até {v}[ kg| itens| usuários|]", " com cota de {v}", " de até {v}[ kg| itens|]"]}),
    (["price", "monthly_price", "cost", "base_price", "preco", "daily_rate"], "money",
     {"en": [" [costing|priced at|for] {v}", " with a price of {v}", ", price {v}", " at {v} a month", " that costs {v}"], "pt": [" [custando|por|a] {v}", " com preço de {v}", ", preço {v}", " por {v} ao mês", " que custa {v}"]}),
]  # fmt: skip
SIBLING = {
    "en": [
        "[add|create|implement|support|introduce|build|make|write|include|provide] [a|the|a new|another|one more] {noun} [called |named |]{q}{like}{field}{tail}",
        "[add|create|implement|support|introduce|build|make] [a|the|a new] {q} {noun}{like}{field}{tail}",
        "[add|support|implement|introduce|create] {q} as [a|a new|another] {noun}{like}{field}{tail}",
        "[we|i|customers|the shop|our users] [need|want|would like|asked for] [a|a new|another] {noun} [called |named |]{q}{like}{field}{tail}",
        "[add|support|offer|implement] {q} [to|in|among|for] [our|the] {folder}{like}{field}{tail}",
        "add a new {noun} {q} to [our|the] {folder}{field}{tail}",
        "new {noun}[:| called|] {q}{like}{field}",
        "there should be a {noun} [called|named] {q}{like}{field}{tail}",
        "{q} should become [a|one of our|a new] {noun}{like}{field}",
        "[register|set up] a {noun} named {q}{like}{field}{tail}",
        "[let|allow] [people|users|customers|us] [to |]use {q} as a {noun}{like}{field}",
        "[support|add support for] [the |]{q}{like}{field}{tail}",
        "extend the {folder} with [a|the] {noun} {q}{like}{field}",
    ],
    "pt": [
        "[adicione|adicionar|adiciona|crie|criar|cria|implemente|inclua|faça|acrescente|coloque] {um} {noun} [chamado |chamada |]{q}{like}{field}{tail}",
        "[adicione|crie|implemente|suporte|inclua] {o} {noun} {q}{like}{field}{tail}",
        "[adicione|inclua|crie|aceite] {q} como {noun}{like}{field}{tail}",
        "[precisamos de|preciso de|queremos|quero|os clientes pediram|o cliente quer] {um} {noun} [chamado |chamada |]{q}{like}{field}{tail}",
        "[adicione|ofereça|inclua] {q} [no|em] {folder}{like}{field}{tail}",
        "{novo} {noun}[:|] {q}{like}{field}",
        "[deve existir|tem que ter|falta] {um} {noun} [chamado |chamada |]{q}{like}{field}{tail}",
        "{q} deve ser {um} {noun}{like}{field}",
        "[registre|monte|cadastre] {um} {noun} {q}{like}{field}{tail}",
        "[permita|deixe] [usar|que se use] {q} como {noun}{like}{field}",
        "[suporte a|dê suporte a|adicione suporte a|suportar] {q}{like}{field}{tail}",
    ],
}
LIKE = {
    "en": [
        " like {s}",
        " just like {s}",
        " similar to {s}",
        ", based on {s}",
        " following {s}",
        ", modelled on {s}",
        " (like {s})",
        " that works like {s}",
        ", same as {s}",
    ],
    "pt": [
        " como {s}",
        " igual a {s}",
        " parecido com {s}",
        ", baseado em {s}",
        " seguindo {s}",
        ", nos moldes de {s}",
        " (como {s})",
        " que funciona como {s}",
        ", no estilo de {s}",
        " como o {s}",
        " como a {s}",
    ],
}
TAIL = {
    "en": [
        " and needs a call to the external {G} API to [check|validate|confirm] [eligibility|the customer|the data]",
        ", with tests",
        " and register it",
        ", don't forget the tests",
        " and write a test for it",
        ". It talks to the {G} service",
        " using the {G} API",
        ", following the existing pattern",
        " the same way as the others",
        " to our system",
        ". Follow the existing ones",
    ],
    "pt": [
        " e precisa chamar a API externa {G} para [validar|verificar|confirmar] [a elegibilidade|o cliente|os dados]",
        ", com testes",
        " e registre",
        ", não esqueça os testes",
        " e escreva um teste para ele",
        ". Usa o serviço {G}",
        " usando a API {G}",
        ", seguindo o padrão existente",
        " do mesmo jeito que os outros",
        " no nosso sistema",
        ". Siga os que já existem",
    ],
}
