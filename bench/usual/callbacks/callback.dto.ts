// The body of a callback.
import { IsString } from 'class-validator';

/** A callback in an encrypted envelope (protocol §6.4). */
export class CallbackDto {
  @IsString()
  data!: string;
}
