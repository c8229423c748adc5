import Foundation
import SSOMember

/// Reads one request a line, as a JSON array of the header's values, and writes one answer a line: the member, or the
/// refusal's reason. `bridge.py` is its server: App ISSUER AUDIENCE KEYS.
@main struct App {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard let keys = URL(string: arguments[3]) else { return }
        let check = SSOCheck(issuer: arguments[1], audience: arguments[2], keys: SSOKeys(keys))
        while let line = readLine() {
            let values = try JSONDecoder().decode([String].self, from: Data(line.utf8))
            let answer: Data
            do throws(SSORefusal) {
                let member = try await check.member(values)
                answer = (try? JSONEncoder().encode(member)) ?? Data()
            } catch { answer = Data(error.rawValue.utf8) }
            FileHandle.standardOutput.write(answer + Data("\n".utf8))
        }
    }
}
