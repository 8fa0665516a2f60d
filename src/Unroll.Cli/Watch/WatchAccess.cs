using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Unroll.Cli.Watch;

/// <summary>
/// Who may read: whoever has the address that was written to the terminal. Its token becomes a cookie of one path of this server,
/// which other servers of this machine are not sent. A page of another origin gets nothing, whatever name it gives this machine.
/// </summary>
internal sealed class WatchAccess
{
    private const string Cookie = "unroll", TokenKey = "token";
    private const int TokenBytes = 16, FolderBytes = 6;

    private readonly byte[] _token, _key;
    private readonly string _host;

    /// <summary>Makes a token, and a key for the cookie.</summary>
    /// <param name="host">What requests have to call the server, such as <c>127.0.0.1:4321</c>.</param>
    public WatchAccess(string host)
    {
        _host = host;
        _token = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes)));
        _key = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes)));
        Folder = $"/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(FolderBytes))}/";
    }

    /// <summary>The path of the page; what it needs is below.</summary>
    public string Folder { get; }

    /// <summary>The address to open.</summary>
    public string Address => $"http://{_host}/?{TokenKey}={Encoding.ASCII.GetString(_token)}";

    /// <summary>Sets the cookie.</summary>
    public string SetCookie =>
        $"{Cookie}={Encoding.ASCII.GetString(_key)}; Path={Folder}; HttpOnly; SameSite=Lax";

    /// <summary>Whether a request is one of this machine for this server by a page of its own or by nobody's.</summary>
    public bool IsOwn(HttpListenerRequest request) =>
        IPAddress.IsLoopback(request.RemoteEndPoint.Address)
        && string.Equals(request.Headers["Host"], _host, StringComparison.OrdinalIgnoreCase)
        && request.Headers["Origin"] is var origin && (origin is null || origin == $"http://{_host}");

    /// <summary>Whether a request for data comes from the page itself, where the browser says so.</summary>
    public static bool IsOfPage(HttpListenerRequest request) =>
        request.Headers["Sec-Fetch-Site"] is null or "same-origin" or "none";

    /// <summary>Whether the address has the token.</summary>
    public bool HasToken(HttpListenerRequest request) => Same(request.QueryString[TokenKey], _token);

    /// <summary>Whether there is the cookie.</summary>
    public bool HasCookie(HttpListenerRequest request) => (request.Headers["Cookie"] ?? "").Split(';')
        .Any(one => one.Trim() is var pair && pair.StartsWith($"{Cookie}=", StringComparison.Ordinal)
            && Same(pair[(Cookie.Length + 1)..], _key));

    private static bool Same(string? given, byte[] wanted) =>
        given is not null && given.Length == wanted.Length
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), wanted);
}
