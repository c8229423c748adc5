import ArgumentParser
import Gateway
import Glibc
import JOSE
import Marketplace
import SecretMemory
import Untrusted

struct VerifyTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-token",
        abstract: "Checks an id_token as a login does, and prints why it is refused.",
        discussion: """
            Prints one JSON object, on a terminal the same for people, and never the token. The exit code is 0 for a valid token and 1 for any other. \
            With --config, the key set, issuer and audience are those of an integration; an explicit option overrides it.
            """)

    @Option(
        help: .init(
            "The issuer's key set: a file or an https:// address.", valueName: "file-or-url"))
    var jwks: String?

    @Option(help: .init("The required `iss`.", valueName: "issuer"))
    var issuer: String?

    @Option(help: .init("The required `aud`: the integration's client id, `oac_…`.", valueName: "client-id"))
    var audience: String?

    @Option(
        help: .init(
            "The configuration file with the key set, issuer and audience of an integration.", valueName: "file"))
    var config: String?

    @Option(help: .init("The integration's name, if the configuration has several.", valueName: "name"))
    var integration: String?

    @Option(help: .init("The time of the check, in seconds since 1970, instead of now.", valueName: "unix"))
    var at: Int64?

    @Option(
        help: .init("The allowed difference between clocks, in seconds, 0 to 300. (default: 60)", valueName: "seconds"))
    var clockSkew: Int64?

    @Option(
        help: .init(
            "The allowed algorithms, separated by commas: \(AlgorithmList.everyName). (default: RS256)",
            valueName: "list"))
    var algorithms: AlgorithmList?

    @Flag(help: "Check only the signature, not the claims.")
    var signatureOnly = false

    @Flag(help: "Print one JSON object also on a terminal.")
    var json = false

    @Argument(help: "The token. `-` or no argument reads it from standard input, where other users cannot see it.")
    var token: String = "-"

    func validate() throws {
        if let clockSkew, !IDTokenRules.clockSkews.contains(clockSkew) {
            throw ValidationError("--clock-skew must be from 0 to 300.")
        }
        guard integration == nil || config != nil else { throw ValidationError("--integration needs --config.") }
        guard config == nil else { return }
        guard jwks != nil else { throw ValidationError("No key set: give --jwks or --config.") }
        guard signatureOnly || (issuer != nil && audience != nil) else {
            throw ValidationError("Give --issuer and --audience, or --config, or --signature-only.")
        }
    }

    func run() async throws {
        let settings = try config.map { try Self.integration(named: integration, in: LoadedConfiguration.load($0)) }
        let verdict: TokenVerdict
        do throws(TokenVerdict) { verdict = try await judge(settings?.integration, caFile: settings?.caFile) } catch {
            verdict = error
        }
        if json || !Terminal.isTerminal(1) {
            Terminal.say(verdict.object)
        } else {
            Terminal.say(verdict.text(Terminal()))
        }
        if !verdict.isValid { throw Exit.failed }
    }

    private func judge(
        _ settings: IntegrationSettings?, caFile: String?
    ) async throws(TokenVerdict) -> TokenVerdict {
        let allowed = algorithms?.names ?? settings?.algorithms ?? [.rs256]
        let rules = IDTokenRules(
            issuer: issuer ?? settings?.issuer ?? "", audience: audience ?? settings?.clientID ?? "",
            clockSkew: clockSkew ?? settings?.clockSkew ?? 60, algorithms: allowed)
        let keys = try await ReadKeySet(jwks ?? settings?.jwksURL ?? "", algorithms: allowed, caFile: caFile).read()
        let judge = JudgeToken(
            keys: keys, algorithms: allowed, rules: signatureOnly ? nil : rules,
            now: at ?? Clock.system.unixSeconds())
        return judge.judge(try Self.read(token))
    }

    private static func integration(
        named name: String?, in configuration: Configuration
    ) throws -> (integration: IntegrationSettings, caFile: String?) {
        let all = configuration.gateway.integrations
        let names = all.map(\.name).joined(separator: ", ")
        if name == nil, all.count > 1 {
            throw ValidationError(
                "The configuration has several integrations. Give --integration with one of: \(names).")
        }
        guard let found = name.map({ name in all.first { $0.name == name } }) ?? all.first else {
            throw ValidationError("The configuration has no such integration; it has \(names).")
        }
        return (found, configuration.caFile)
    }

    /// The token, from the command line or from standard input.
    private static func read(_ argument: String) throws(TokenVerdict) -> SecretBytes {
        guard argument == "-" else { return SecretBytes(argument) }
        if Terminal.isTerminal(0) { Terminal.complain("Paste the token, then press Return and Ctrl-D.") }
        let content: SecretBytes
        do { content = try ReadFile.bytes(of: 0, "standard input") } catch {
            throw .refused("token_unreadable", "The token was not read: \(error).", lookAt: "Standard input.")
        }
        // One line end, which `echo` and editors add, is not part of the token.
        var end = content.count
        if end > 0, content[end - 1] == UInt8(ascii: "\n") { end -= 1 }
        if end > 0, end < content.count, content[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return content[0..<end]
    }
}
