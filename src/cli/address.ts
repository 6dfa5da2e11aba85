/** An address taken apart. Port 0 is none: others are told where a node listens before it does. */
import { InvalidArgumentError } from 'commander';

export interface Address {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^\s:/[\]]+)):(?<port>\d{1,5})$/i;
const PORT_MAX = 65_535;

/** @throws InvalidArgumentError, a usage error */
export function parseAddress(text: string): Address {
  const { v6, host, port } = ADDRESS.exec(text)?.groups ?? {};
  const name = v6 ?? host;
  if (name === undefined || Number(port) < 1 || Number(port) > PORT_MAX) {
    throw new InvalidArgumentError(`expected HOST:PORT, for example 127.0.0.1:7400 or [::1]:7400`);
  }
  return { host: name, port: Number(port) };
}
