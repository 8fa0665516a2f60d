namespace Unroll.Cli.Torch;

/// <summary>The lines of Python that save, from files that are not read here, what can be read.</summary>
internal static class TorchRemedy
{
    private const string Saved = "\"weights.pt\"";

    /// <summary>From a pickled module.</summary>
    public static string FromModule(string file) =>
        $"torch.save(torch.load({Text(file)}, map_location=\"cpu\", weights_only=False).state_dict(), {Saved})";

    /// <summary>From a checkpoint that holds more than tensors and data.</summary>
    public static string FromCheckpoint(string file) =>
        $"torch.save(torch.load({Text(file)}, map_location=\"cpu\", weights_only=False)[\"state_dict\"], {Saved}), with the key "
            + "of its state dict";

    /// <summary>From a file of torch.jit.save.</summary>
    public static string FromScript(string file) =>
        $"torch.save(torch.jit.load({Text(file)}, map_location=\"cpu\").state_dict(), {Saved})";

    /// <summary>From a file of torch.export.save.</summary>
    public static string FromExport(string file) => $"torch.save(torch.export.load({Text(file)}).state_dict, {Saved})";

    /// <summary>From a file of torch.save before version 1.6, or a state dict in a plain pickle.</summary>
    public static string FromLegacy(string file) => $"torch.save(torch.load({Text(file)}, map_location=\"cpu\"), {Saved})";

    /// <summary>From a state dict that pickle.dump wrote.</summary>
    public static string FromPickle(string file) => $"torch.save(pickle.load(open({Text(file)}, \"rb\")), {Saved})";

    /// <summary>From the shards that an index lists.</summary>
    public static string FromShards(bool safetensors) => safetensors
        ? "torch.save({k: v for f in glob.glob(\"model-*.safetensors\") for k, v in "
            + $"safetensors.torch.load_file(f).items()}}, {Saved})"
        : "torch.save({k: v for f in glob.glob(\"pytorch_model-*.bin\") for k, v in torch.load(f, "
            + $"map_location=\"cpu\").items()}}, {Saved})";

    /// <summary>From a folder of torch.distributed.checkpoint.</summary>
    public static string FromDistributed(string folder) =>
        $"torch.distributed.checkpoint.format_utils.dcp_to_torch_save({Text(folder)}, {Saved})";

    /// <summary>A text as Python writes it, whole; no path has a control character that matters.</summary>
    public static string Text(string text)
    {
        string clean = new([.. text.Select(letter => char.IsControl(letter) ? '?' : letter)]);
        return $"\"{clean.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
