using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The recipes of each task.</summary>
public sealed class RecipeTests
{
    [Fact]
    public void The_long_recipe_is_for_the_tasks_it_was_measured_for()
    {
        foreach (string task in SyntheticTasks.All.Select(task => task.Name))
        {
            foreach (string recipe in Recipes.Names)
            {
                if (recipe != "long" || task is "temporal-order" or "addition" or "multiplication")
                    Assert.True(Recipes.Get(task, recipe).LearningRate > 0);
                else Assert.Contains("temporal-order", Assert.Throws<ArgumentException>(() => Recipes.Get(task, recipe)).Message);
            }
        }
    }
}
