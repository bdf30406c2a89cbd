// Describes the differences between the published reference and the two studied generations of the
// gateway, as data. Code reads a row here instead of comparing a generation's name.

/**
 * `doc`: the published reference; `a`: the older server; `b`: the newer one (protocol, first
 * section).
 */
export const generationNames = ['doc', 'a', 'b'] as const;
export type GenerationName = (typeof generationNames)[number];

export interface Behaviour {
  /**
   * True when `encrypted_data`, `/api/s2s/encrypt` and `encryption_method` exist (protocol §0, §2).
   */
  readonly hasEncryption: boolean;
  /** True when `unique_reference` and its error 5012 exist (§11). */
  readonly hasUniqueReference: boolean;
  /** The spelling that wins when both are sent (§1.2). */
  readonly integrationTypeWinner: 'integration-type' | 'integration_type';
  /** True when the terminal that the key identifies overwrites `terNO` (§1.2). */
  readonly overwritesTerminalNumber: boolean;
  /** True when an empty `ccno` counts as no card; otherwise it is an error (§1.2). */
  readonly ignoresEmptyCard: boolean;
  /**
   * `engineFirst`: a blocked test card keeps its test code in the row; `skipped`: a blocked card is
   * not checked (§3.3).
   */
  readonly blockedCard: 'engineFirst' | 'skipped';
  /** True when orchestration and regulatory rules exist, and with them code 28 (§3.3, §7). */
  readonly hasRules: boolean;
  /** The `mop` of replies: the brand of the card, or the value that was sent (§3.1). */
  readonly mop: 'brand' | 'asSent';
  readonly cardMask: 'sixAndFour' | 'fourAndFour';
  /** The masked card in webhooks and updating replies (§6.3). */
  readonly webhookCardMask: 'sixAndFour' | 'lastFour';
  /** The six digits after the seconds: zero-padded milliseconds, or a true fraction (§3.1). */
  readonly timeFraction: 'paddedMilliseconds' | 'microseconds';
  readonly createAuthData: 'base64' | 'checkoutOnly';
  /**
   * `published`: exactly the members of the reference pages, in their order, and code 0 for a
   * payment that waits for the 3DS test page (§3.1).
   */
  readonly createReply: 'published' | 'wide';
  readonly transactionId: 'dated' | 'random';
  /** The encoding of the id inside `authurl` with `encryption_method=aes256` (§4.2). */
  readonly authUrlToken: 'plain' | 'padded' | 'unpadded';
  /** True when an unparsable id in `/api/status/...` is tried as an encrypted one (§4.2). */
  readonly statusReadsTokens: boolean;
  /** The location of the payer's page: below `/api/authurl`, or on the OTP host (§4.2). */
  readonly payerPages: 'authUrl' | 'otpHost';
  /**
   * True when the read-only look-up accepts a reference too, as the published page claims (§5.1).
   */
  readonly looksUpReferences: boolean;
  /** Additional columns of the read-only look-up (§5.1). */
  readonly hasWideReadModel: boolean;
  /** Codes that a status update may store over 0, 22 and 23 (§5.3). */
  readonly updateCodes: ReadonlySet<number>;
  /** Plaintext of an encrypted webhook (§6.4). */
  readonly encryptedWebhook: 'json' | 'queryString';
  /** The text of the reply to an accepted refund (§8, case 7). */
  readonly refundReply: 'oldText' | 'newText' | 'published';
  /** Chargeback, predispute and the manual webhook of the dashboard (§0). */
  readonly hasDisputes: boolean;
  /** Shape of the dashboard's search (§0). */
  readonly search: 'list' | 'page';
}

const published: Behaviour = {
  hasEncryption: true,
  hasUniqueReference: true,
  integrationTypeWinner: 'integration-type',
  overwritesTerminalNumber: true,
  ignoresEmptyCard: true,
  blockedCard: 'skipped',
  hasRules: false,
  mop: 'brand',
  cardMask: 'sixAndFour',
  webhookCardMask: 'sixAndFour',
  timeFraction: 'paddedMilliseconds',
  createAuthData: 'base64',
  createReply: 'published',
  transactionId: 'dated',
  authUrlToken: 'padded',
  statusReadsTokens: true,
  payerPages: 'authUrl',
  looksUpReferences: true,
  hasWideReadModel: false,
  updateCodes: new Set([1, 2, 22, 23]),
  encryptedWebhook: 'queryString',
  refundReply: 'published',
  hasDisputes: false,
  search: 'list',
};

/**
 * One row per generation. Where the reference page is silent, `doc` behaves as the older server.
 */
export const behaviours: Readonly<Record<GenerationName, Behaviour>> = {
  doc: published,
  a: {
    ...published,
    hasEncryption: false,
    hasUniqueReference: false,
    overwritesTerminalNumber: false,
    ignoresEmptyCard: false,
    createReply: 'wide',
    authUrlToken: 'plain',
    statusReadsTokens: false,
    looksUpReferences: false,
    encryptedWebhook: 'json',
    refundReply: 'oldText',
  },
  b: {
    hasEncryption: true,
    hasUniqueReference: true,
    integrationTypeWinner: 'integration_type',
    overwritesTerminalNumber: true,
    ignoresEmptyCard: true,
    blockedCard: 'engineFirst',
    hasRules: true,
    mop: 'asSent',
    cardMask: 'fourAndFour',
    webhookCardMask: 'lastFour',
    timeFraction: 'microseconds',
    createAuthData: 'checkoutOnly',
    createReply: 'wide',
    transactionId: 'random',
    authUrlToken: 'unpadded',
    statusReadsTokens: true,
    payerPages: 'otpHost',
    looksUpReferences: false,
    hasWideReadModel: true,
    updateCodes: new Set([1, 2, 10, 22, 23]),
    encryptedWebhook: 'json',
    refundReply: 'newText',
    hasDisputes: true,
    search: 'page',
  },
};

/** The generation that the sandbox simulates; a script may change it at runtime. */
export class CurrentGeneration {
  constructor(private current: GenerationName) {}

  get name(): GenerationName {
    return this.current;
  }

  get behaviour(): Behaviour {
    return behaviours[this.current];
  }

  show(name: GenerationName): void {
    this.current = name;
  }
}
