namespace Unroll.Cli.Tests.Watch;

/// <summary>The tests whose pages are in front of the others', one after another.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection
{
    public const string Name = "browser";
}
