export interface Needle {
  readonly what: string;
  readonly spelled: string;
  readonly bytes: Buffer;
}

export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

export declare function needlesFor(what: string, text: string): Needle[];

export declare function needlesForCard(card: {
  readonly name: string;
  readonly number: string;
  readonly cvv: string;
}): Needle[];

export declare function searchFor(needles: readonly Needle[]): (place: Place) => string[];

export declare function leaksIn(places: readonly Place[], needles: readonly Needle[]): string[];
