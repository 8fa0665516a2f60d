using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Unroll.Tests;

/// <summary>
/// Renders an assembly's public surface as text: one line for each type and member, sorted, without compiler-generated members of
/// records and without nullability of references.
/// </summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(void)] = "void",
    };

    public static string Render(Assembly assembly) => Render(assembly.GetExportedTypes().Where(type => !IsMade(type)));

    public static string Render(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (Type type in types.OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            IEnumerable<string> members = type.IsEnum
                ? type.GetFields(BindingFlags.Public | BindingFlags.Static)
                    .Select(f => $"{f.Name} = {Convert.ToString(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}")
                : typeof(Delegate).IsAssignableFrom(type) ? [Method(type.GetMethod("Invoke")!)]
                : type.GetMembers(Declared).Select(Member).OfType<string>().Order(StringComparer.Ordinal);
            foreach (string member in members) text.Append("  ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    // The types that the compiler generates for extension blocks have names that no source can have. Their members are shown as
    // static members of their class.
    private static bool IsMade(Type type) => type.Name.Contains('<') || (type.DeclaringType is { } around && IsMade(around));

    private static string Declaration(Type type)
    {
        bool isStatic = type.IsAbstract && type.IsSealed;
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsValueType
                ? (Has(type, "IsReadOnlyAttribute") ? "readonly " : "") + (type.IsByRefLike ? "ref " : "")
                    + (IsRecord(type) ? "record struct" : "struct")
                : (isStatic ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "")
                    + (IsRecord(type) ? "record" : "class");
        List<string> bases = [];
        if (type.IsEnum)
        {
            bases.Add(Name(Enum.GetUnderlyingType(type)));
        }
        else if (!typeof(Delegate).IsAssignableFrom(type))
        {
            if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)) bases.Add(Name(parent));
            bases.AddRange(type.GetInterfaces()
                .Where(i => !IsRecord(type) || !i.IsGenericType || i.GetGenericTypeDefinition() != typeof(IEquatable<>))
                .Where(i => i.IsVisible).Select(Name).Order(StringComparer.Ordinal));
        }

        Type[] own = type.GetGenericArguments()[(type.DeclaringType?.GetGenericArguments().Length ?? 0)..];
        return $"{kind} {Name(type)}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}{Constraints(own)}";
    }

    private static string? Member(MemberInfo member)
    {
        if (member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is MethodBase) return null;
        switch (member)
        {
            case ConstructorInfo constructor:
                return Visible(constructor)
                    ? $"{Access(constructor)}{member.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})"
                    : null;
            case MethodInfo method:
                bool isOperator = method.Name.StartsWith("op_", StringComparison.Ordinal);
                if (!Visible(method) || (method.IsSpecialName && !isOperator)
                    || (method.DeclaringType!.IsValueType && IsSynthesized(method)))
                    return null;
                return Method(method);
            case PropertyInfo property:
                MethodInfo? get = Shown(property.GetMethod), set = Shown(property.SetMethod);
                if (get is null && set is null) return null;
                bool init = set is not null && set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
                string index = property.GetIndexParameters() is { Length: > 0 } list
                    ? $"this[{Parameters(list)}]"
                    : property.Name;
                return (Has(property, "RequiredMemberAttribute") ? "required " : "")
                    + Modifiers(get ?? set!) + Name(property.PropertyType) + $" {index} {{ "
                    + (get is null ? "" : "get; ") + (set is null ? "" : init ? "init; " : "set; ") + "}" + Body(get ?? set!);
            case EventInfo e:
                return Visible(e.AddMethod!) ? $"{Modifiers(e.AddMethod!)}event {Name(e.EventHandlerType!)} {e.Name}" : null;
            case FieldInfo field:
                if (!(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) || field.IsSpecialName) return null;
                string typed = $"{Name(field.FieldType)} {field.Name}";
                return field.IsLiteral ? $"const {typed} = {Literal(field.GetRawConstantValue(), field.FieldType)}"
                    : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "") + typed;
            default:
                return null; // nested types have a line of their own
        }

        static MethodInfo? Shown(MethodInfo? accessor) => accessor is not null && Visible(accessor) ? accessor : null;
    }

    private static string Method(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        string result = Name(method.ReturnType), name = method.Name;
        if (name is "op_Implicit" or "op_Explicit")
            (result, name) = (name == "op_Implicit" ? "implicit" : "explicit", "operator " + result);
        return $"{Modifiers(method)}{result} {name}{generic}({Parameters(method)})"
            + $"{Constraints(method.GetGenericArguments())}{Body(method)}";
    }

    private static string Modifiers(MethodInfo method) =>
        Access(method) + (method.IsStatic ? "static "
            : method.DeclaringType!.IsInterface ? ""
            : method.GetBaseDefinition() != method ? "override "
            : method.IsAbstract ? "abstract "
            : method.IsVirtual && !method.IsFinal ? "virtual " : "");

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Body(MethodInfo method) =>
        method.DeclaringType!.IsInterface && !method.IsAbstract && !method.IsStatic ? " [default body]" : "";

    private static string Parameters(MethodBase method) => Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(p =>
    {
        string by = !p.ParameterType.IsByRef ? Has(p, "ParamArrayAttribute")
            || Has(p, "ParamCollectionAttribute") ? "params " : ""
            : p.IsOut ? "out " : p.IsIn ? "in " : Has(p, "RequiresLocationAttribute") ? "ref readonly " : "ref ";
        Type type = p.ParameterType.IsByRef ? p.ParameterType.GetElementType()! : p.ParameterType;
        return $"{by}{Name(type)} {p.Name}{(p.HasDefaultValue ? " = " + Literal(p.RawDefaultValue, type) : "")}";
    }));

    private static string Constraints(Type[] arguments)
    {
        var text = new StringBuilder();
        foreach (Type argument in arguments.Where(a => a.IsGenericParameter))
        {
            GenericParameterAttributes flags = argument.GenericParameterAttributes;
            bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            List<string> list = [];
            if (isStruct) list.Add(Has(argument, "IsUnmanagedAttribute") ? "unmanaged" : "struct");
            if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) list.Add("class");
            list.AddRange(argument.GetGenericParameterConstraints().Where(c => c != typeof(ValueType))
                .Select(Name).Order(StringComparer.Ordinal));
            if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) list.Add("new()");
            if (list.Count > 0) text.Append(CultureInfo.InvariantCulture, $" where {argument.Name} : {string.Join(", ", list)}");
        }

        return text.ToString();
    }

    private static string Name(Type type)
    {
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsGenericParameter) return type.Name;
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";

        // A nested type repeats its parents' generic arguments in front of its own.
        Type[] all = type.GetGenericArguments();
        int from = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string own = all.Length > from ? $"<{string.Join(", ", all[from..].Select(Name))}>" : "";
        string before = type.DeclaringType is { } parent
            ? Name(parent.IsGenericTypeDefinition && all.Length >= from ? parent.MakeGenericType(all[..from]) : parent) + "."
            : type.Namespace is { } space && !space.StartsWith("System", StringComparison.Ordinal) ? space + "." : "";
        return before + type.Name.Split('`')[0] + own;
    }

    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } e => Enum.ToObject(e, value).ToString()!,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static bool Visible(MethodBase method) =>
        method.IsPublic || (!method.DeclaringType!.IsSealed && (method.IsFamily || method.IsFamilyOrAssembly));

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsSynthesized(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute));

    // By name, because the compiler generates some of these attributes inside the assembly.
    private static bool Has(MemberInfo member, string attribute) =>
        member.CustomAttributes.Any(a => a.AttributeType.Name == attribute);

    private static bool Has(ParameterInfo parameter, string attribute) =>
        parameter.CustomAttributes.Any(a => a.AttributeType.Name == attribute);
}
