import CCurl
import SecretMemory

/// The options of a forward proxy. https://curl.se/libcurl/c/CURLOPT_PROXY.html
extension EasyHandle {
    func setProxy(_ transfer: Transfer, _ settings: ClientSettings) -> Bool {
        // Neither the environment's proxies nor its exceptions from them must decide where secrets go. An empty text is
        // not the default: without it libcurl reads `no_proxy`, and a proxy from the environment.
        guard set(CURLOPT_NOPROXY, "") else { return false }
        // Plain http goes to this machine only. A proxy would read it, and would reach its own loopback instead of ours.
        guard let proxy = settings.proxy, !transfer.url.isLoopback, settings.unixSocket == nil else {
            return set(CURLOPT_PROXY, "")
        }
        return set(CURLOPT_PROXY, proxy.url) && set(CURLOPT_HTTPPROXYTUNNEL, 1)
            // The proxy's answer to CONNECT is not the target's answer.
            && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
            // The request's headers, with the bearer token, are for the target alone.
            && set(CURLOPT_HEADEROPT, ccurl_separate_headers)
            && set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
            && set(CURLOPT_PROXY_SSL_VERIFYPEER, 1) && set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
            && setProxyRoots(settings.caFile)
            && set(CURLOPT_PROXYAUTH, ccurl_basic_authentication)
            && set(CURLOPT_SOCKS5_AUTH, ccurl_basic_authentication)
            && (proxy.credentials.map(setCredentials) ?? true)
    }

    private func setProxyRoots(_ caFile: String?) -> Bool {
        guard let caFile else { return true }
        return unsafe set(CURLOPT_PROXY_CAINFO, caFile)
            && ccurl_set_pointer(easy, CURLOPT_PROXY_CAPATH, nil) == CURLE_OK
    }

    /// CURLOPT_PROXYUSERPWD is documented to decode `%` escapes. CURLOPT_PROXYUSERNAME is documented not to, but libcurl 7.88
    /// decodes it and later versions do not. libcurl copies the text, and cleanses the copy as it is freed.
    private func setCredentials(_ credentials: ForwardProxy.Credentials) -> Bool {
        unsafe credentials.encoded.withUnsafeBytes { bytes in
            let text = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
            return unsafe ccurl_set_text(easy, CURLOPT_PROXYUSERPWD, text) == CURLE_OK
        }
    }
}
