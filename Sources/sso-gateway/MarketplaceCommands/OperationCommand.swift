import ArgumentParser
import Gateway
import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// A command that makes one call of the marketplace's API.
protocol OperationCommand: AsyncParsableCommand {
    /// The operations that it may call: one, or two that differ by an option.
    static var operations: [APIOperation] { get }

    var options: CallOptions { get }

    /// The call, of checked parameters and a checked body.
    func makeCall() throws -> APICall
}

struct CallOptions: ParsableArguments {
    @OptionGroup var broker: BrokerOptions

    @Flag(help: "Print the marketplace's answer as it is, also that of a failure.")
    var json = false

    @Flag(help: "Check everything and show what would be sent. Needs no gateway.")
    var dryRun = false
}

/// Where a body comes from.
struct BodyOption: ParsableArguments {
    @Option(
        help: .init(
            "A file with the body in JSON, by the marketplace's reference; - for standard input.", valueName: "file")
    )
    var body: String

    func read() throws -> SecretBytes { try Self.read(body) }

    static func read(_ path: String) throws -> SecretBytes {
        do {
            return path == "-" ? try ReadFile.bytes(of: 0, "standard input") : try ReadFile.bytes(path)
        } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }
}

extension OperationCommand {
    func run() async throws {
        let call: APICall
        do {
            call = try makeCall()
            try call.check(LocalRules(), now: ISOTime(seconds: Clock.system.unixSeconds()))
        } catch let error as FieldError {
            let message = "\(error.namingArguments) Nothing was sent."
            Terminal.complain(CallReport.failure(message, Terminal(descriptor: 2)))
            throw Exit.failed
        }
        if options.dryRun {
            Terminal.say(options.json ? CallReport.json(of: call) : CallReport.request(call))
            return
        }
        let connection = try options.broker.connect(for: [call.operation])
        defer { connection.stop() }
        let answer: CallAnswer
        do { answer = try await connection.send(call) } catch {
            let message = "\(call.operation.name): no answer from \(connection.address): \(error.explanation)."
            Terminal.complain(
                CallReport.failure(message, Terminal(descriptor: 2)) + "\n"
                    + Columns.rows([("next", NextStep.after(error, call))]))
            throw Exit.failed
        }
        if options.json, !answer.body.isEmpty { Terminal.say(answer.printable) }
        guard answer.isSuccess else {
            Terminal.complain(CallReport.failure(answer, call, Terminal(descriptor: 2)))
            throw Exit.failed
        }
        if !options.json { Terminal.say(CallReport.success(answer, call, Terminal())) }
    }

    /// A call whose body is read from JSON.
    static func call(
        _ operation: APIOperation, _ parameters: [PathParameter: String], query: [(String, String?)] = [],
        body: SecretBytes = .empty
    ) throws(FieldError) -> APICall {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return try operation.call(
            PathParameters(parameters.mapValues { UntrustedText($0) }),
            query: pairs.isEmpty ? nil : SecretBytes(pairs.joined(separator: "&")), body: body)
    }

    /// A body of the members that are there.
    static func body(_ members: [(name: UntrustedText, value: JSONValue?)]) -> SecretBytes {
        SecretBytes(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }).encoded)
    }

    static func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
}

/// The installation that a command is about.
struct InstallationArgument: ParsableArguments {
    @Argument(help: "The installation's id, `icfg_…`.")
    var installation: String
}

/// A resource of an installation.
struct ResourceArguments: ParsableArguments {
    @Argument(help: "The installation's id, `icfg_…`.")
    var installation: String

    @Argument(help: "Your own id of the resource.")
    var resource: String

    var parameters: [PathParameter: String] { [.integrationConfigurationId: installation, .resourceId: resource] }
}

extension FieldError {
    /// With a parameter of a path as the command's usage names it.
    var namingArguments: FieldError {
        let name: String =
            switch PathParameter(rawValue: path) {
            case .integrationConfigurationId: "installation"
            case .memberId: "member"
            case .invoiceId: "invoice"
            case .resourceId: "resource"
            case .integrationProductIdOrSlug: "--product"
            case .itemId: "item"
            case .org: "organization"
            case nil: path
            }
        return FieldError(name, problem)
    }
}
