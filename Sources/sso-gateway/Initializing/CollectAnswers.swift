import ArgumentParser
import Gateway
import SecretMemory
import Untrusted

/// Takes the answers from the options and asks for the missing ones. A wrong answer is asked again with the reason.
struct CollectAnswers {
    /// One question, as the options and the terminal have it.
    private struct Item {
        let option: String
        let question: String
        var suggestion: String?
    }

    private static let clientID = Item(option: "--client-id", question: "Integration id (oac_…):")
    private static let slug = Item(option: "--slug", question: "Slug:")
    private static let clientSecret = Item(
        option: "--client-secret-file", question: "Client secret (it is not shown):")
    private static let publicURL = Item(option: "--public-url", question: "Public address of your app (https://…):")
    private static let proxy = Item(
        option: "--proxy", question: "Proxy (\(ProxyKind.allCases.map(\.rawValue).joined(separator: ", "))) [nginx]:",
        suggestion: ProxyKind.nginx.rawValue)

    private let given:
        (clientID: String?, slug: String?, clientSecret: SecretBytes?, publicURL: String?, proxy: String?)
    private let isAsking: Bool
    private var hasAsked = false
    /// Of options that are wrong or missing.
    private var problems: [String] = []

    init(
        clientID: String?, slug: String?, clientSecretFile: String?, environmentFile: String?, publicURL: String?,
        proxy: String?, isAsking: Bool
    ) throws(ReadFile.Failure) {
        var secret: SecretBytes?
        var (clientID, isAsking) = (clientID, isAsking)
        if let environmentFile {
            let variables = try EnvironmentFile(environmentFile)
            secret = variables["INTEGRATION_CLIENT_SECRET"].map { SecretBytes($0) }
            clientID = clientID ?? variables["INTEGRATION_CLIENT_ID"]
        }
        if clientSecretFile == "-" {
            secret = ReadFile.withoutLineEnd(try ReadFile.bytes(of: 0, "standard input"))
            isAsking = false
        } else if let clientSecretFile {
            secret = try ReadFile.secret(clientSecretFile, from: .fileOrPipe)
        }
        given = (clientID, slug, secret, publicURL, proxy)
        self.isAsking = isAsking
    }

    mutating func run() throws -> InitAnswers {
        let clientID = try answer(Self.clientID, given.clientID, InitAnswers.clientID)
        let slug = try answer(Self.slug, given.slug, InitAnswers.slug)
        let secret = try answer(Self.clientSecret, given.clientSecret, InitAnswers.clientSecret) {
            Question.askSecret($0)
        }
        let publicURL = try answer(Self.publicURL, given.publicURL, InitAnswers.publicURL)
        let proxy = try answer(Self.proxy, given.proxy, InitAnswers.proxy)
        guard let clientID, let slug, let secret, let publicURL, let proxy else {
            for problem in problems { Terminal.complain("\(Terminal(descriptor: 2).bad("✗")) \(problem)") }
            Terminal.complain("\nNothing was written. `sso-gateway init --help` explains the options.")
            throw ExitCode.validationFailure
        }
        return InitAnswers(clientID: clientID, slug: slug, clientSecret: secret, publicURL: publicURL, proxy: proxy)
    }

    private mutating func answer<Value>(
        _ item: Item, _ text: String?, _ read: (String) throws(InitAnswers.Refusal) -> Value
    ) throws -> Value? {
        try answer(item, text, read) { question in
            Question.ask(question).map { answer in
                let answer = answer.trimmingBlanks
                return answer.isEmpty ? item.suggestion ?? answer : answer
            }
        }
    }

    /// Nil after a problem was noted.
    private mutating func answer<Input, Value>(
        _ item: Item, _ given: Input?, _ read: (Input) throws(InitAnswers.Refusal) -> Value, ask: (String) -> Input?
    ) throws -> Value? {
        if let given {
            do throws(InitAnswers.Refusal) { return try read(given) } catch {
                problems.append("\(item.option): \(error)")
                return nil
            }
        }
        guard isAsking else {
            problems.append("\(item.option) is missing")
            return nil
        }
        // What is wrong is said before anything is asked in vain.
        guard problems.isEmpty else { return nil }
        if !hasAsked {
            Terminal.complain("The integration's page in the marketplace's console has its id, slug and secret.\n")
            hasAsked = true
        }
        while true {
            guard let input = ask(item.question) else {
                Terminal.complain("")
                Terminal.fail("no answer: nothing was written.")
                throw Exit.failed
            }
            do throws(InitAnswers.Refusal) { return try read(input) } catch {
                Terminal.complain("  \(Terminal(descriptor: 2).bad("✗")) \(error)")
            }
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
