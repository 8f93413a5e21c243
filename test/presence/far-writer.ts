// Beats once into the folder of argv[2], says so, and lives on until its input ends.
import { Heartbeat, presenceSink } from '@holdfast/engine'

await new Heartbeat({ sink: presenceSink(process.argv[2] ?? '') }).beat()
process.stdout.write('beaten\n')
process.stdin.resume()
