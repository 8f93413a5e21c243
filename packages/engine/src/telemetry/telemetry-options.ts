import type { MeterProvider, TracerProvider } from '@opentelemetry/api'

/** Where metrics and spans go. What is left out goes to what is registered with OpenTelemetry's API. */
export interface TelemetryOptions {
  readonly meterProvider?: MeterProvider | undefined
  readonly tracerProvider?: TracerProvider | undefined
}

/** Where every copy of OpenTelemetry's API of this major version finds what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/** Whether anybody would get what is measured. If not, the API is not even loaded: it takes longer than a command. */
export function isMeasured(given: TelemetryOptions | false | undefined): boolean {
  return given === false ? false : given !== undefined || REGISTERED in globalThis
}
