// Made by tools/types.js from docs/openapi.json; not to be edited.

export type AccessKeyView = {
  last4: string;
  /** Of the user that whoever presents it is. */
  user: number;
};

export type Added = {
  added: number;
  duplicates: number;
  refused: number;
  results: AddedKey[];
};

export type AddedKey = {
  /** Of the new key, or of the one that is there already. */
  id?: number | null;
  last4: string;
  /** Which of those that were sent, from 1. */
  number: number;
  /** `added`, `duplicate` or `refused`. */
  result: string;
  /** Why it was refused. */
  why?: string | null;
};

export type Admin = {
  /** Whether the configuration names the password, so that it is changed there. */
  configured: boolean;
  created_at: Moment;
  id: number;
  name: string;
  /** `owner` or `viewer`. */
  role: string;
};

export type Admins = {
  admins: Admin[];
};

export type BTreeMap = Record<string, number>;

export type Bulk = {
  change?: Edit | null;
  ids: number[];
  /** Removes each of them. */
  remove?: boolean;
};

export type By = "all" | "pool" | "key" | "model" | "user" | "project" | "reason" | "outcome";

export type CandidateView = {
  key: number;
  quota?: string | null;
  reason?: string | null;
  standing: string;
  until?: Moment | null;
  window?: string | null;
};

export type ChangeView = {
  action: string;
  actor: string;
  address: string;
  at: Moment;
  id: number;
  /** What it is; `null` for what is gone. */
  new: unknown;
  /** What it was; `null` for what was not there. */
  old: unknown;
  subject: string;
};

export type Changed = {
  changed: number;
  /** Removed ones that the environment or the configuration file names: they come back at the next start, unless they are taken out there. */
  named_elsewhere: number;
  removed: number;
  /** Those that are not there. */
  unknown: number[];
};

export type Changes = {
  changes: ChangeView[];
  /** What `before` is for those that follow; absent at the end. */
  next?: number | null;
};

export type Check = {
  at: Moment;
  /** How many keys had which result. */
  counts: Record<string, number>;
  done: number;
  generate?: string | null;
  id: number;
  results?: CheckResult[] | null;
  state: string;
  total: number;
};

export type CheckResult = {
  key: number;
  /** What Google said. */
  message?: string | null;
  result: string;
  sentence: string;
};

export type Checks = {
  checks: Check[];
};

export type CooldownView = HeldView & {
  model: string;
};

export type Edit = {
  enabled?: boolean | null;
  name?: string | null;
  notes?: string | null;
  project?: string | null;
  proxy?: string | null;
  tags?: string[] | null;
  tier?: TierWord | null;
  weight?: number | null;
};

export type Exchange = Record<string, unknown>;

export type Explained = RequestSummary & {
  found?: Found | null;
  tried: Tried[];
};

export type Export = {
  /** Only these keys. */
  ids?: number[] | null;
  /** Gives them out unsealed, if there is no passphrase. */
  in_clear?: boolean;
  /** Seals them; 12 characters or more. */
  passphrase?: string | null;
  /** Only the keys of this pool. */
  pool?: number | null;
};

export type Exported = {
  count: number;
  /** Keys as `POST /keys` takes them. */
  keys?: ExportedKey[] | null;
  /** A text to be given to the import, with the same passphrase. */
  parcel?: string | null;
};

export type ExportedKey = {
  key: string;
  name?: string;
  notes?: string;
  project?: string | null;
  proxy?: string | null;
  tags?: string[];
  tier: string;
  weight: number;
};

export type Facet = {
  count: number;
  name: string;
};

export type Facets = {
  /** By name. */
  projects: Facet[];
  states: KeyStateCounts;
  /** By name. */
  tags: Facet[];
  total: number;
};

export type FailedError = {
  /** The HTTP status. */
  code: number;
  /** What happened and what to do. */
  message: string;
  /** The word for it, as `INVALID_ARGUMENT`. */
  status: string;
};

export type Failure = {
  error: FailedError;
};

export type Forecast = {
  day_ends_at: Turn;
  left: number;
  model: string;
  pool: number;
  runs_out_at?: Turn | null;
  text: string;
};

export type Foretold = {
  forecasts: Forecast[];
};

export type Found = {
  candidates: CandidateView[];
  cooling: number;
  /** Keys beyond those. */
  others: number;
  /** Of all keys. */
  ready: number;
};

export type HealthView = {
  state: "active";
} | {
  next_check: Moment;
  reason: string;
  refusals: number;
  sentence: string;
  since: Moment;
  state: "revoked";
};

export type HeldView = {
  reason: string;
  until?: Moment | null;
  window?: string | null;
};

export type Import = {
  /** Says what would become of them, and adds none. */
  dry_run?: boolean;
  parcel: string;
  passphrase: string;
  /** The pool that is to use the keys; the first one where it is absent. */
  pool?: number | null;
};

export type KeyCounts = {
  /** Those that rest for some model. */
  cooling: number;
  enabled: number;
  revoked: number;
  total: number;
};

export type KeyEvent = {
  at: Moment;
  /** How often the same failure came within a minute. */
  count: number;
  /** The status that Google answered with. */
  http?: number | null;
  id: number;
  /** What Google said. */
  message?: string | null;
  /** Absent where the key is meant as a whole. */
  model?: string | null;
  /** Why: `exhausted`, `unserved`, `unavailable`, `blocked`, or why Google refuses the key. */
  reason?: string | null;
  until?: Moment | null;
  /** `active`, `cooling`, `revoked`, `enabled`, `disabled`, or `error`: an attempt failed. */
  what: string;
  /** Of the quota that was used up: `minute`, `day` or `unknown`. */
  window?: string | null;
};

export type KeyEvents = {
  /** How many events, of all keys, came too fast to be written, since the start of this server. */
  dropped: number;
  events: KeyEvent[];
  /** What `before` is for the page that follows; absent at the end. */
  next?: string | null;
};

export type KeyIds = {
  /** Of all that fit, in the order that is asked for. */
  ids: number[];
  /** How many of them are enabled and active now. */
  serving: number;
};

export type KeyPage = {
  keys: KeyView[];
  page: number;
  page_size: number;
  /** Of those that fit. */
  total: number;
};

export type KeyStateCounts = {
  active: number;
  cooling: number;
  disabled: number;
  revoked: number;
};

export type KeyStates = {
  /** Those of the usable that some model is held of. */
  cooling: number;
  revoked: number;
  total: number;
  /** Those that Google does not refuse. */
  usable: number;
};

export type KeyView = {
  cooldowns: CooldownView[];
  created_at: Moment;
  enabled: boolean;
  health?: HealthView | null;
  id: number;
  in_flight: number;
  last4: string;
  name: string;
  notes: string;
  pool: number;
  /** As its owner told, or as it was learned; absent where it is alone. */
  project?: string | null;
  /** The proxy by which alone it reaches Gemini, without its password. */
  proxy?: string | null;
  served: number;
  /** `environment` or `admin`: who told of it. */
  source: string;
  /** `active`, `cooling` (out of some model), `revoked` or `disabled`. */
  state: string;
  tags: string[];
  tier: string;
  weight: number;
};

export type Keys = number[] | string;

export type LastHour = {
  /** In dollars, of what has a known price; absent where nothing has. */
  cost?: number | null;
  /** How many requests failed, by reason. */
  failed: Record<string, number>;
  failures: number;
  first_byte_ms: Percentiles;
  requests: number;
  /** From 0 to 1; absent where nothing was asked. */
  success_rate?: number | null;
  total_ms: Percentiles;
};

export type LimitStanding = {
  limit: number;
  remaining: number;
  resets_at?: Moment | null;
  used: number;
  /** As `requests/minute`. */
  what: string;
};

export type Log = LogPage | LoggedRequest[];

export type LogPage = {
  /** How many requests came too fast to be written, since the start of this server. */
  dropped: number;
  /** What `before` is for the page that follows; absent at the end. */
  next?: string | null;
  requests: LoggedRequest[];
};

export type LoggedRequest = {
  at: Moment;
  attempts: number;
  cached_tokens: number;
  /** In dollars; absent where a price is not known. */
  cost?: number | null;
  error?: string | null;
  first_byte_ms?: number | null;
  id: string;
  key?: number | null;
  key_last4?: string | null;
  method: string;
  model?: string | null;
  outcome: string;
  output_tokens: number;
  path: string;
  pool?: number | null;
  prompt_tokens: number;
  reason?: string | null;
  status?: number | null;
  stream: boolean;
  thought_tokens: number;
  total_ms: number;
  user?: number | null;
  user_name?: string | null;
  waited_ms: number;
};

export type MadePool = Pool & {
  /** Its access key. */
  secret: string;
};

export type MadeToken = TokenView & {
  /** Shown only this once. */
  secret: string;
};

export type MadeUser = User & {
  secret: string;
};

export type Meter = {
  learned_at?: Moment | null;
  limit: number;
  resets_at?: Turn | null;
  source: string;
  unit: string;
  /** Nothing for what Pollux cannot count along. */
  used?: number | null;
  window: string;
};

export type Model = {
  /** The names in `models.aliases` that stand for it. */
  aliases: string[];
  /** Whether it may be asked, by `models.allowed`. */
  allowed: boolean;
  display_name: string;
  id: string;
  /** The most tokens that may go in; absent where Google does not say. */
  input_limit?: number | null;
  /** What it is asked by, as `generateContent`. */
  methods: string[];
  /** The most tokens that may come out; absent where Google does not say. */
  output_limit?: number | null;
  price?: ModelPrice | null;
  /** Whether it thinks, as far as Google says so. */
  thinking: boolean;
};

export type ModelPrice = {
  cached: number;
  input: number;
  output: number;
};

export type ModelRates = PerTime & {
  model: string;
};

export type Models = {
  models: Model[];
};

export type Moment = string;

export type NewAdmin = {
  /** By what name he signs in. */
  name: string;
  password: string;
  role: RoleWord;
};

export type NewKeys = {
  /** What is told of each that does not say otherwise. */
  defaults?: ToldKey;
  /** Says what would become of them, and adds none. */
  dry_run?: boolean;
  keys: string | (string | Record<string, unknown>)[];
  /** The pool that is to use them; the first one where it is absent. */
  pool?: number | null;
};

export type NewPassword = {
  /** The one before; whoever is no owner has to know it. */
  old?: string | null;
  password: string;
};

export type NewPool = {
  description?: string;
  enabled?: boolean | null;
  limits?: BTreeMap;
  name: string;
  /** Its own settings, by name. */
  settings?: Record<string, string>;
};

export type NewToken = {
  expires_at?: When | null;
  /** What it is for. */
  name: string;
  role: RoleWord;
};

export type NewUser = {
  addresses?: string[];
  enabled?: boolean | null;
  expires_at?: When | null;
  labels?: string[];
  limits?: BTreeMap;
  models?: string[];
  name: string;
  /** The first pool where it is absent. */
  pools?: number[];
};

export type NewValues = Record<string, string | number | boolean | null>;

export type Now = {
  at: Moment;
  day_began: Moment;
  keys: Rates[];
  models: ModelRates[];
  pools: Rates[];
  users: Rates[];
};

export type Order = {
  /** The model of a tiny generation; without one nothing is generated. */
  generate?: string | null;
  /** Their ids, or the word `all`. */
  keys: Keys;
};

export type Overview = {
  at: Moment;
  /** How many requests came too fast for the log, since the start of this server. */
  log_dropped: number;
  pools: PoolOverview[];
};

export type PerTime = {
  /** In dollars, of what has a known price; absent where nothing has. */
  cost?: number | null;
  rpd: number;
  rpm: number;
  tpd: number;
  tpm: number;
};

export type Percentiles = {
  p50?: number | null;
  p95?: number | null;
  p99?: number | null;
};

export type Pool = {
  access_key?: AccessKeyView | null;
  created_at: Moment;
  description: string;
  enabled: boolean;
  id: number;
  keys: KeyCounts;
  /** What all its users together may spend. */
  limits: BTreeMap;
  name: string;
  /** The settings that it has of its own; empty texts for secrets. */
  settings: Record<string, string>;
  standing: LimitStanding[];
  /** Requests that wait for a key. */
  waiting: number;
};

export type PoolEdit = {
  description?: string | null;
  enabled?: boolean | null;
  limits?: BTreeMap | null;
  name?: string | null;
};

export type PoolOverview = {
  id: number;
  keys: KeyStates;
  last_hour: LastHour;
  name?: string | null;
  now: PerTime;
  /** Of this day (UTC). */
  today: UsageTokens;
  /** How many requests wait for a key. */
  waiting: number;
};

export type Pools = {
  pools: Pool[];
};

export type Quota = {
  day: Used;
  day_ends_at: Turn;
  held?: HeldView | null;
  meters: Meter[];
  minute: Used;
  model: string;
  pool: number;
  project: string;
};

export type QuotaPage = {
  page: number;
  page_size: number;
  quotas: Quota[];
  total: number;
};

export type Rates = PerTime & {
  id: number;
  name?: string | null;
};

export type RequestSummary = {
  at: Moment;
  attempts: number;
  /** In dollars; absent where a price is not known. */
  cost?: number | null;
  error?: string | null;
  first_byte_ms?: number | null;
  /** Whether a second key was asked while the first was still at it. */
  hedged: boolean;
  id: string;
  joined: boolean;
  /** The key that was asked last. */
  key?: number | null;
  method: string;
  model?: string | null;
  outcome: string;
  path: string;
  /** Absent where it did not come to one. */
  pool?: number | null;
  status?: number | null;
  stream: boolean;
  tokens: RequestTokens;
  total_ms: number;
  user?: RequestUser | null;
  waited_ms: number;
};

export type RequestTokens = {
  cached: number;
  output: number;
  prompt: number;
  thoughts: number;
  total: number;
};

export type RequestUser = {
  id: number;
  name: string;
};

export type Requests = {
  requests: RequestSummary[];
};

export type Revealed = {
  secret: string;
};

export type RoleWord = "owner" | "viewer";

export type Rotation = {
  /** For how long the one before is good as well; 0 where it is absent. */
  keep_seconds?: number;
};

export type Server = {
  /** From where this question came, as far as the server can tell. */
  address_seen?: string | null;
  /** The kind of its database. */
  database: string;
  now: Moment;
  started_at: Moment;
  /** By which clock the days of quotas begin and end. */
  time_zone_of_quotas: string;
  version: string;
};

export type SessionView = {
  /** From where it was begun. */
  address: string;
  /** With what program. */
  agent: string;
  created_at: Moment;
  /** Whether it is the one that asks. */
  current: boolean;
  expires_at: Moment;
  id: number;
  name: string;
  role: string;
  seen_at: Moment;
};

export type Sessions = {
  sessions: SessionView[];
};

export type Setting = {
  /** What it takes; absent where it takes any text. */
  allowed?: string | null;
  /** Whether it can be changed here; others need a start. */
  changeable: boolean;
  /** The words of a choice. */
  choices?: string[] | null;
  default: string;
  /** What it means. */
  help: string;
  /** `flag`, `number`, `duration`, `choice`, `list` (by commas), `text` or `secret`. */
  kind: string;
  name: string;
  /** Whether each pool may have its own. */
  of_pools: boolean;
  /** Which file, variable or flag. */
  origin?: string | null;
  /** Whether its value is never shown. */
  secret: boolean;
  /** `default`, `file`, `environment`, `flag`, `database` or `pool`. */
  source: string;
  /** What it is now; absent for the default, and for secrets. */
  value?: string | null;
  /** Its variable in the environment. */
  variable: string;
};

export type Settings = {
  settings: Setting[];
};

export type SignIn = {
  /** Whose password it is; the owner's where it is absent. */
  name?: string | null;
  password: string;
};

export type SignedIn = {
  expires_at?: Moment | null;
  name: string;
  /** `owner` or `viewer`. */
  role: string;
};

export type StepWord = "minute" | "hour" | "day" | "all";

export type TierWord = "free" | "paid";

export type TokenView = {
  created_at: Moment;
  expires_at?: Moment | null;
  id: number;
  last4: string;
  name: string;
  role: string;
};

export type Tokens = {
  tokens: TokenView[];
};

export type ToldKey = {
  key?: string | null;
  name?: string | null;
  notes?: string | null;
  /** The Google project that it shares with all of the same name. */
  project?: string | null;
  /** A proxy by which alone it reaches Gemini, as `http://user:password@host:port`. */
  proxy?: string | null;
  tags?: string[] | null;
  tier?: TierWord | null;
  weight?: number | null;
};

export type Tried = {
  at: Moment;
  http?: number | null;
  key: number;
  message?: string | null;
  outcome?: string | null;
  rule?: string | null;
  /** After how long the verdict was there; absent when the client left before. */
  took_ms?: number | null;
};

export type Turn = {
  pacific: Moment;
  utc: Moment;
};

export type UsageSeries = {
  by: By;
  since: Moment;
  step: StepWord;
  until: Moment;
  usage: UsageView[];
};

export type UsageTokens = {
  cached: number;
  output: number;
  /** Those from a cache included. */
  prompt: number;
  thoughts: number;
  total: number;
};

export type UsageView = {
  at?: Moment | null;
  attempts: number;
  /** In dollars, of what has a known price; absent where nothing has. */
  cost?: number | null;
  /** How many requests failed, by reason. */
  failed: Record<string, number>;
  failures: number;
  /** Until the first byte of answers. */
  first_byte_ms: Percentiles;
  key?: number | null;
  model?: string | null;
  /** What people call the pool, the key or the user. */
  name?: string | null;
  pool?: number | null;
  project?: string | null;
  /** Why requests, or attempts, failed. */
  reason?: string | null;
  requests: number;
  /** From 0 to 1; absent where nothing was asked. */
  success_rate?: number | null;
  tokens: UsageTokens;
  /** Until the end of answers that were whole. */
  total_ms: Percentiles;
  /** How many attempts failed, by reason. */
  tried: Record<string, number>;
  /** How many attempts `cost` is without, since their models have no price. */
  unpriced: number;
  user?: number | null;
};

export type Used = {
  input_tokens: number;
  requests: number;
  tokens: number;
};

export type User = {
  /** The networks it may call from; none is any. */
  addresses: string[];
  created_at: Moment;
  enabled: boolean;
  expires_at?: Moment | null;
  id: number;
  labels: string[];
  /** Of its access key. */
  last4: string;
  limits: BTreeMap;
  /** The models it may ask, exactly or with `*`; none is any. */
  models: string[];
  name: string;
  /** The pool whose own access key it is; absent for a person or a program. */
  of_pool?: number | null;
  /** The pools that may serve it; the first does where a request names none. */
  pools: number[];
  previous_until?: Moment | null;
  /** `environment`, `generated` or `admin`: where the access key came from. */
  source: string;
  standing: LimitStanding[];
};

export type UserEdit = {
  addresses?: string[] | null;
  enabled?: boolean | null;
  expires_at?: When | null;
  labels?: string[] | null;
  limits?: BTreeMap | null;
  models?: string[] | null;
  name?: string | null;
  pools?: number[] | null;
};

export type UserPage = {
  page: number;
  page_size: number;
  total: number;
  users: User[];
};

export type When = string;

