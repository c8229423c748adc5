import ArgumentParser
import JOSE
import Untrusted

/// Such as `RS256,ES256`. Only public-key signatures have a name here.
struct AlgorithmList: ExpressibleByArgument, CustomStringConvertible {
    static let everyName = SignatureAlgorithm.allCases.map(\.name).joined(separator: ", ")

    let names: Set<SignatureAlgorithm>

    init(names: Set<SignatureAlgorithm>) { self.names = names }

    init?(argument: String) {
        var names: Set<SignatureAlgorithm> = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let algorithm = SignatureAlgorithm(name: UntrustedText(String(name))) else { return nil }
            names.insert(algorithm)
        }
        self.names = names
    }

    var description: String {
        SignatureAlgorithm.allCases.filter(names.contains).map(\.name).joined(separator: ",")
    }
}
