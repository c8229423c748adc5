@testable import Gateway

extension LoginFailure {
    /// The title of its page in English.
    var title: String { PageTexts.of(.english).plain(.title(page)) }
}
