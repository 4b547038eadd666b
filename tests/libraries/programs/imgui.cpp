// Dear ImGui: its font atlas, and thirty frames of windows with a table, a tree, a plot and text.
#include "output.h"
#include "imgui.h"

static void windows(int frame) {
  ImGui::SetNextWindowPos(ImVec2(10, 10));
  ImGui::SetNextWindowSize(ImVec2(500, 400));
  ImGui::Begin("records");
  ImGui::Text("frame %d", frame);
  if (ImGui::BeginTable("table", 3, ImGuiTableFlags_Borders)) {
    for (int row = 0; row < 200; row++) {
      ImGui::TableNextRow();
      for (int column = 0; column < 3; column++) {
        ImGui::TableSetColumnIndex(column);
        ImGui::Text("%d, %d", row, column * frame);
      }
    }
    ImGui::EndTable();
  }
  ImGui::End();

  ImGui::SetNextWindowPos(ImVec2(520, 10));
  ImGui::Begin("plot", nullptr, ImGuiWindowFlags_AlwaysAutoResize);
  float values[100];
  for (int i = 0; i < 100; i++) values[i] = static_cast<float>(i * frame % 37);
  ImGui::PlotLines("values", values, 100);
  for (int node = 0; node < 40; node++) {
    ImGui::SetNextItemOpen(node % 2 == frame % 2);
    char name[20];
    snprintf(name, sizeof name, "node %d of frame %d", node, frame);
    if (ImGui::TreeNode(name)) {
      ImGui::BulletText("leaf");
      ImGui::TreePop();
    }
  }
  ImGui::End();
}

void run() {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = ImVec2(1024, 768);
  io.DeltaTime = 1.0f / 60;
  unsigned char* pixels;
  int width, height;
  io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  printf("atlas: %d x %d, hash %08x\n", width, height, hash_of(pixels, static_cast<size_t>(width * height) * 4));
  for (int frame = 1; frame <= 30; frame++) {
    ImGui::NewFrame();
    windows(frame);
    ImGui::Render();
    const ImDrawData* drawn = ImGui::GetDrawData();
    if (frame % 10 == 0) printf("frame %d: %d lists, %d vertices, %d indices\n", frame, drawn->CmdListsCount, drawn->TotalVtxCount, drawn->TotalIdxCount);
  }
  printf("in use by ImGui: %d blocks\n", io.MetricsActiveAllocations);
  ImGui::DestroyContext();
}
